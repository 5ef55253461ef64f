import type { RunSettings } from "@recallscope/engine";
import { fromJson } from "../results/json.ts";
import { builder } from "./builder.ts";
import { RunSettingsType } from "./run-settings.ts";

builder.prismaObject("StudyCell", {
  description: "One place in a study's grid.",
  fields: (t) => ({
    modelIndex: t.exposeInt("modelPlace", { description: "Place of its model in the study's `models`." }),
    taskIndex: t.exposeInt("taskPlace", { description: "Place of its task in the study's `tasks`." }),
    settingsIndex: t.exposeInt("settingsPlace", {
      description: "Place of its settings in the study's `settings`.",
    }),
    model: t.relation("model", { description: "The model." }),
    task: t.relation("task", { description: "The task, in the version that this study asks." }),
    settings: t.field({
      type: RunSettingsType,
      description: "How it asks and counts.",
      select: { settingsPlace: true, study: { select: { settings: true } } },
      resolve: ({ study, settingsPlace }) => fromJson<RunSettings[]>(study.settings)[settingsPlace]!,
    }),
    run: t.relation("run", {
      nullable: true,
      description: "Its run; null when it was deleted or could not be asked for.",
    }),
  }),
});
