import { RUN_STEPS } from "@recallscope/engine";
import type { Run } from "../generated/prisma/client.ts";
import { builder } from "./builder.ts";

type Progress = Pick<Run, "step" | "stepDone" | "stepTotal" | "fraction" | "message">;
const placeOf = (step: string | null): number =>
  Math.max(
    0,
    RUN_STEPS.findIndex(({ id }) => id === step),
  );

export const RunProgress = builder.objectRef<Progress>("RunProgress").implement({
  description: "How far a run is.",
  fields: (t) => ({
    step: t.string({ description: "Name of the step.", resolve: ({ step }) => step ?? RUN_STEPS[0].id }),
    stepTitle: t.string({
      description: "The step for people.",
      resolve: ({ step }) => RUN_STEPS[placeOf(step)]!.title,
    }),
    stepIndex: t.int({ description: "Place of the step, from 0.", resolve: ({ step }) => placeOf(step) }),
    stepCount: t.int({ description: "Number of steps.", resolve: () => RUN_STEPS.length }),
    done: t.int({ description: "Work done in the step.", resolve: ({ stepDone }) => stepDone ?? 0 }),
    total: t.int({ description: "Work of the step.", resolve: ({ stepTotal }) => stepTotal ?? 0 }),
    fraction: t.float({
      description: "Share of the whole run, 0 to 1.",
      resolve: ({ fraction }) => fraction ?? 0,
    }),
    message: t.string({ description: "What is being done.", resolve: ({ message }) => message ?? "" }),
  }),
});
