import type { Estimate, LabeledArray, RunReport, RunSettings, Task } from "@recallscope/engine";
import { fakeReport } from "./fake-report.ts";

export interface Shape {
  layers?: number;
  headsPerLayer?: number;
  facts?: number;
  /** Facts that the model does not know. */
  unknown?: readonly number[];
  weightHash?: string;
}
const FRAMES = ["capital-of/none", "capital-of/well"];

/** A report whose prompts, pairs and heads have numbers of their own, so that runs of it can be paired and compared. */
export function comparableReport(
  model: string,
  task: Task,
  settings: RunSettings,
  seed: number,
  { layers = 2, headsPerLayer = 3, facts: count = 10, unknown = [], weightHash }: Shape = {},
): RunReport {
  const report = fakeReport(model, task, settings);
  const random = randomFrom(seed);
  Object.assign(report.receipt.model, { layers, heads: headsPerLayer, ...(weightHash && { weightHash }) });
  const facts = task.facts.slice(0, count).map(({ subject, answer }, index) => ({
    ...report.task.facts[0]!,
    index,
    subject,
    answer,
    known: !unknown.includes(index),
  }));
  Object.assign(report.task, {
    facts,
    factsAdmitted: facts.length,
    factsKnown: facts.length - unknown.length,
    sufficient: facts.length - unknown.length >= 8,
  });
  const prompt = report.prompts[0]!;
  report.prompts = facts.flatMap((fact) =>
    FRAMES.map((frame, place) => {
      const logProb = -3 * random();
      const rank = Math.floor(4 * random());
      return {
        ...prompt,
        index: fact.index * FRAMES.length + place,
        fact: fact.index,
        frame,
        known: fact.known,
        logProb,
        probability: Math.exp(logProb),
        rank,
        candidateRank: rank > 1 ? 1 : 0,
        centredLogit: 10 * random(),
      };
    }),
  );
  const known = report.prompts.filter((own) => own.known);
  const heads = layers * headsPerLayer;
  const size = Array.from({ length: heads }, () => random() - 0.3);
  const pairs = known.map(() => ({
    clean: 2 + random(),
    corrupted: -2 - random(),
    changes: size.map((own) => own + 0.1 * random()),
  }));
  const label = (head: number) => `L${Math.floor(head / headsPerLayer)}H${head % headsPerLayer}`;
  const effects = size.map(
    (_, head) =>
      sum(pairs.map(({ changes }) => changes[head]!)) / sum(pairs.map((pair) => pair.clean - pair.corrupted)),
  );
  const ranked = effects.toSorted((a, b) => b - a);
  Object.assign(report.argumentPassing, {
    layers,
    headsPerLayer,
    movers: [label(effects.indexOf(ranked[0]!))],
    heads: effects.map((effect, head) => ({
      ...report.argumentPassing.heads[1]!,
      layer: Math.floor(head / headsPerLayer),
      head: head % headsPerLayer,
      label: label(head),
      attentionToSubject: estimate(random()),
      effect: estimate(effect),
      rank: ranked.indexOf(effect),
      mover: effect === ranked[0],
    })),
  });
  report.arrays = [
    ...report.arrays,
    ...arraysOf(
      known.map(({ index }) => String(index)),
      layers,
      headsPerLayer,
      pairs,
    ),
    {
      name: "lens.answer.probability",
      unit: "probability",
      axes: [
        { dim: "prompt", labels: report.prompts.map(({ index }) => String(index)) },
        { dim: "state", labels: ["L0.pre", ...Array.from({ length: layers }, (_, l) => `L${l}.post`)] },
      ],
      values: Float32Array.from({ length: report.prompts.length * (layers + 1) }, () => 0.1 + 0.8 * random()),
    },
  ];
  return report;
}

interface Pair {
  clean: number;
  corrupted: number;
  changes: number[];
}
function arraysOf(
  labels: string[],
  layers: number,
  headsPerLayer: number,
  pairs: readonly Pair[],
): LabeledArray[] {
  const prompt = { dim: "prompt" as const, labels };
  const names = (count: number) => Array.from({ length: count }, (_, i) => String(i));
  const heads = [
    prompt,
    { dim: "layer" as const, labels: names(layers) },
    { dim: "head" as const, labels: names(headsPerLayer) },
  ];
  const array = (name: string, axes: LabeledArray["axes"], values: number[]): LabeledArray => ({
    name: `patching.${name}`,
    unit: "logit",
    axes,
    values: Float32Array.from(values),
  });
  return [
    array(
      "noising",
      heads,
      pairs.flatMap(({ clean, changes }) => changes.map((own) => clean - own)),
    ),
    array(
      "denoising",
      heads,
      pairs.flatMap(({ corrupted, changes }) => changes.map((own) => corrupted + own)),
    ),
    array(
      "clean",
      [prompt],
      pairs.map(({ clean }) => clean),
    ),
    array(
      "corrupted",
      [prompt],
      pairs.map(({ corrupted }) => corrupted),
    ),
  ];
}

const estimate = (value: number): Estimate => ({ value, low: value - 0.05, high: value + 0.05, n: 8 });
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Park and Miller's minimal generator: numbers of a test need only differ. */
function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
