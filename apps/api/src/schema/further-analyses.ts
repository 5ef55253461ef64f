import {
  DEFAULT_SETTINGS,
  FURTHER_ANALYSES,
  MEASURED_CORRUPTIONS,
  type MeasuredCorruption,
} from "@recallscope/engine";
import { builder } from "./builder.ts";

export interface ListedAnalysis {
  id: string;
  title: string;
  mechanism: string;
  summary: string;
  corruption?: MeasuredCorruption | undefined;
}

export const FurtherAnalysis = builder.objectRef<ListedAnalysis>("FurtherAnalysis").implement({
  description: "A measurement that a run makes when its settings name it.",
  fields: (t) => ({
    id: t.exposeString("id", { description: "Name in settings and results." }),
    title: t.exposeString("title", { description: "Title." }),
    mechanism: t.exposeString("mechanism", { description: "Step of the paper's account it belongs to." }),
    summary: t.exposeString("summary", { description: "What it measures, in one sentence." }),
    corruption: t.string({
      nullable: true,
      description:
        "Id of the `corruptions` whose prompts its report compares with; null where it names none.",
      resolve: ({ corruption }) => corruption ?? null,
    }),
    standard: t.boolean({
      description: "Whether runs make it unless told otherwise.",
      resolve: ({ id }) => DEFAULT_SETTINGS.analyses.includes(id),
    }),
  }),
});

type ListedCorruption = (typeof MEASURED_CORRUPTIONS)[MeasuredCorruption] & { id: MeasuredCorruption };

const Corruption = builder.objectRef<ListedCorruption>("Corruption").implement({
  description: "A kind of corrupted prompts: what the prompts of facts are compared with.",
  fields: (t) => ({
    id: t.exposeString("id", { description: "As reports name it." }),
    title: t.exposeString("title", { description: "Title." }),
    summary: t.exposeString("summary", {
      description: "What differs, and what this shows, in one sentence.",
    }),
    everyRun: t.exposeBoolean("everyRun", {
      description: "Whether every run asks such prompts; the others are asked by further analyses.",
    }),
    analyses: t.field({
      type: [FurtherAnalysis],
      description: "Further analyses that ask such prompts.",
      resolve: ({ id }): ListedAnalysis[] =>
        (Object.values(FURTHER_ANALYSES) as ListedAnalysis[]).filter(({ corruption }) => corruption === id),
    }),
  }),
});

builder.queryField("corruptions", (t) =>
  t.field({
    type: [Corruption],
    description: "Kinds of corrupted prompts that runs can measure.",
    resolve: (): ListedCorruption[] =>
      (Object.keys(MEASURED_CORRUPTIONS) as MeasuredCorruption[]).map((id) => ({
        id,
        ...MEASURED_CORRUPTIONS[id],
      })),
  }),
);

builder.queryField("furtherAnalyses", (t) =>
  t.field({
    type: [FurtherAnalysis],
    description: "Measurements that runs can make beyond those of every run.",
    resolve: (): ListedAnalysis[] => Object.values(FURTHER_ANALYSES),
  }),
);
