import { absentWithin, type JudgedEvidence, MECHANISM_STEPS, type MechanismRow } from "@recallscope/engine";
import { builder } from "../builder.ts";
import { EstimateType } from "../estimate.ts";

const Verdict = builder.enumType("Verdict", {
  description: "Whether a step of the mechanism is there.",
  values: {
    PRESENT: { description: "The interval excludes 0 as expected, and a permutation test has p < 0.05." },
    ABSENT: { description: "The interval lies within what is too small to matter." },
    INCONCLUSIVE: { description: "Neither; so is everything with fewer than 8 known facts." },
  } as const,
});

const MechanismStep = builder.enumType("MechanismStep", {
  description: "A step of the paper's account.",
  values: {
    ARGUMENT_PASSING: {
      value: MECHANISM_STEPS[0],
      description: "Heads bring the subject to the last position.",
    },
    MLP_ACTIVATION: { value: MECHANISM_STEPS[1], description: "MLPs erase or amplify what heads wrote." },
    FUNCTION_APPLICATION: {
      value: MECHANISM_STEPS[2],
      description: "MLPs turn the subject into the answer.",
    },
    FINAL_LAYER: { value: MECHANISM_STEPS[3], description: "The final layer holds the answer back." },
  } as const,
});

const Expected = builder.enumType("ExpectedSign", {
  description: "Which direction speaks for a step.",
  values: {
    POSITIVE: { value: "positive", description: "Above 0." },
    NEGATIVE: { value: "negative", description: "Below 0." },
    EITHER: { value: "either", description: "Any but 0." },
  } as const,
});

const MechanismVerdict = builder.objectRef<JudgedEvidence>("MechanismVerdict").implement({
  description: "One number that speaks for or against a step of the mechanism, and what it says.",
  fields: (t) => ({
    step: t.expose("step", { type: MechanismStep, description: "The step." }),
    quantity: t.exposeString("quantity", { description: "In words, e.g. `effect of L9H8`." }),
    unit: t.exposeString("unit", { description: "effect, nats, accuracy, weight or logit." }),
    estimate: t.expose("estimate", { type: EstimateType, description: "The number." }),
    expected: t.expose("expected", { type: Expected, description: "What would speak for the step." }),
    pValue: t.exposeFloat("pValue", {
      nullable: true,
      description: "Of a permutation or sign-flip test; null where none was made.",
    }),
    verdict: t.expose("verdict", { type: Verdict, description: "What it says." }),
    why: t.exposeString("why", { description: "Why." }),
    absentWithin: t.float({
      nullable: true,
      description:
        "ABSENT is what has its interval inside plus and minus this; null: nothing of this unit ever is.",
      resolve: ({ unit }) => absentWithin(unit),
    }),
  }),
});

const NamedEstimate = builder
  .objectRef<{ name: string; estimate: MechanismRow["top1"] }>("NamedEstimate")
  .implement({
    description: "A number with its name.",
    fields: (t) => ({
      name: t.exposeString("name", { description: "What it is." }),
      estimate: t.expose("estimate", { type: EstimateType, description: "The number." }),
    }),
  });

const MissingNumber = builder.objectRef<{ name: string; reason: string }>("MissingNumber").implement({
  description: "A number that a run does not have.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Which." }),
    reason: t.exposeString("reason", { description: "Why." }),
  }),
});

export const MechanismRowType = builder.objectRef<MechanismRow>("MechanismRow").implement({
  description: "One run as a row of the mechanism table: for each step present, absent or inconclusive.",
  fields: (t) => ({
    sufficient: t.exposeBoolean("sufficient", {
      description: "Whether at least 8 facts are known; with fewer, nothing is judged.",
    }),
    verdicts: t.expose("verdicts", {
      type: [MechanismVerdict],
      description: "Its evidence: one number per step, then those of its further analyses.",
    }),
    more: t.field({
      type: [NamedEstimate],
      description: "Single numbers of its further analyses.",
      resolve: ({ more }) => Object.entries(more).map(([name, estimate]) => ({ name, estimate })),
    }),
    missing: t.field({
      type: [MissingNumber],
      description: "What it lacks.",
      resolve: ({ reasons }) => Object.entries(reasons).map(([name, reason]) => ({ name, reason })),
    }),
  }),
});
