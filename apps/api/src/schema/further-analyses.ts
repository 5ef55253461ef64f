import { DEFAULT_SETTINGS, FURTHER_ANALYSES } from "@recallscope/engine";
import { builder } from "./builder.ts";

export interface ListedAnalysis {
  id: string;
  title: string;
  mechanism: string;
  summary: string;
}

export const FurtherAnalysis = builder.objectRef<ListedAnalysis>("FurtherAnalysis").implement({
  description: "A measurement that a run makes when its settings name it.",
  fields: (t) => ({
    id: t.exposeString("id", { description: "Name in settings and results." }),
    title: t.exposeString("title", { description: "Title." }),
    mechanism: t.exposeString("mechanism", { description: "Step of the paper's account it belongs to." }),
    summary: t.exposeString("summary", { description: "What it measures, in one sentence." }),
    standard: t.boolean({
      description: "Whether runs make it unless told otherwise.",
      resolve: ({ id }) => DEFAULT_SETTINGS.analyses.includes(id),
    }),
  }),
});

builder.queryField("furtherAnalyses", (t) =>
  t.field({
    type: [FurtherAnalysis],
    description: "Measurements that runs can make beyond those of every run.",
    resolve: (): ListedAnalysis[] => Object.values(FURTHER_ANALYSES),
  }),
);
