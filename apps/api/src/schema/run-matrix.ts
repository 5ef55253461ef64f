import type { RunSettings } from "@recallscope/engine";
import { runOfEachCell, type SettingsInUse, settingsInUse } from "../runs/run-matrix.ts";
import { withDefaults } from "../runs/settings.ts";
import { builder } from "./builder.ts";
import { RunSettingsInput, RunSettingsType } from "./run-settings.ts";

const SettingsInUseType = builder.objectRef<SettingsInUse>("SettingsInUse").implement({
  description: "A way of asking that runs have.",
  fields: (t) => ({
    settings: t.expose("settings", { type: RunSettingsType, description: "How they ask and count." }),
    runs: t.exposeInt("runs", { description: "How many runs have it, in any state." }),
  }),
});

interface Matrix {
  settings: RunSettings;
  inUse: SettingsInUse[];
}

const RunMatrix = builder.objectRef<Matrix>("RunMatrix").implement({
  description: "Models x tasks under one way of asking, with the run of each cell.",
  fields: (t) => ({
    settings: t.expose("settings", {
      type: RunSettingsType,
      description: "How the runs of its cells ask and count.",
    }),
    settingsInUse: t.expose("inUse", {
      type: [SettingsInUseType],
      description: "Every way of asking that runs have, the most usual first.",
    }),
    models: t.prismaField({
      type: ["Model"],
      description: "Its rows: all models, in order of their names.",
      resolve: (query, _matrix, _args, { prisma }) =>
        prisma.model.findMany({ ...query, orderBy: { name: "asc" } }),
    }),
    tasks: t.prismaField({
      type: ["Task"],
      description: "Its columns: tasks that new runs can ask, in order of their slugs.",
      resolve: (query, _matrix, _args, { prisma }) =>
        prisma.task.findMany({
          ...query,
          where: { current: true },
          orderBy: { slug: "asc" },
        }),
    }),
    runs: t.prismaField({
      type: ["Run"],
      description:
        "One run per model and task that has any: the newest finished one, else the newest that is on its way, else the newest.",
      resolve: async (query, { settings }, _args, { prisma }) =>
        prisma.run.findMany({ ...query, where: { id: { in: await runOfEachCell(prisma, settings) } } }),
    }),
  }),
});

builder.queryField("runMatrix", (t) =>
  t.field({
    type: RunMatrix,
    description: "Which model was asked which task: the grid from which runs are chosen.",
    args: {
      settings: t.arg({
        type: RunSettingsInput,
        description: "How the runs ask; default: the way that most runs have.",
      }),
    },
    resolve: async (_parent, { settings }, { prisma }) => {
      const inUse = await settingsInUse(prisma);
      return {
        inUse,
        settings: settings ? withDefaults(settings) : (inUse[0]?.settings ?? withDefaults(null)),
      };
    },
  }),
);
