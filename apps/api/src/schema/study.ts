import type { RunSettings } from "@recallscope/engine";
import { fromJson } from "../results/json.ts";
import { MAX_CELLS } from "../studies/axes.ts";
import { builder } from "./builder.ts";
import { createdBy } from "./created-by.ts";
import { Model } from "./model.ts";
import { RunStatus } from "./run.ts";
import { RunSettingsType } from "./run-settings.ts";
import { progressOf, StudyProgress } from "./study-progress.ts";
import { Task } from "./task.ts";

const Study = builder.prismaNode("Study", {
  nullable: true,
  description: "A grid of runs, models x tasks x settings, under a name.",
  id: { field: "id", description: "Opaque id." },
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString("name", { description: "What it is called; no two studies have the same name." }),
    note: t.exposeString("note", {
      nullable: true,
      description: "What somebody wrote about it; null: nothing.",
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was made." }),
    createdBy: t.string(createdBy),
    models: t.field({
      type: [Model],
      description: "One side of the grid.",
      select: (_args, _context, nested) => ({
        cells: {
          where: { taskPlace: 0, settingsPlace: 0 },
          orderBy: { modelPlace: "asc" },
          select: { model: nested(true) },
        },
      }),
      resolve: ({ cells }) => cells.map(({ model }) => model),
    }),
    tasks: t.field({
      type: [Task],
      description: "Another side of the grid: tasks, in the versions that this study asks.",
      select: (_args, _context, nested) => ({
        cells: {
          where: { modelPlace: 0, settingsPlace: 0 },
          orderBy: { taskPlace: "asc" },
          select: { task: nested(true) },
        },
      }),
      resolve: ({ cells }) => cells.map(({ task }) => task),
    }),
    settings: t.field({
      type: [RunSettingsType],
      description: "The third side of the grid.",
      select: { settings: true },
      resolve: ({ settings }) => fromJson<RunSettings[]>(settings),
    }),
    progress: t.field({
      type: StudyProgress,
      description: "How many cells are in which state. `studyProgress` follows it.",
      select: { id: true },
      resolve: ({ id }, _args, context) => progressOf(id, context),
    }),
    cells: t.relatedConnection("cells", {
      cursor: "studyId_modelPlace_taskPlace_settingsPlace",
      totalCount: true,
      maxSize: MAX_CELLS,
      extensions: { maxPage: MAX_CELLS },
      description: `Its cells, by model, then task, then settings; up to ${MAX_CELLS} on a page, which is all there can be.`,
      args: {
        status: t.arg({ type: [RunStatus], description: "Only cells whose run is in one of these states." }),
        missing: t.arg.boolean({ description: "Only cells without a run, or only those with one." }),
      },
      query: ({ status, missing }) => ({
        where: {
          ...(missing != null && { runId: missing ? null : { not: null } }),
          ...(status && { run: { status: { in: [...status] } } }),
        },
        orderBy: [{ modelPlace: "asc" }, { taskPlace: "asc" }, { settingsPlace: "asc" }],
      }),
    }),
  }),
});

builder.prismaObjectFields("Run", (t) => ({
  studies: t.field({
    type: [Study],
    description: "Studies that have it in their grid.",
    select: (_args, _context, nested) => ({
      cells: { select: { study: nested(true) }, orderBy: { studyId: "asc" } },
    }),
    // Two models with the same weights share a run.
    resolve: ({ cells }) => [...new Map(cells.map(({ study }) => [study.id, study])).values()],
  }),
}));
