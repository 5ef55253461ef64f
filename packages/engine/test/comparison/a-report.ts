import { FactBootstrap } from "../../src/math/fact-bootstrap.ts";
import { descendingRanks } from "../../src/math/rank-intervals.ts";
import type { RunReport } from "../../src/results/report.ts";

/** One prompt of a made-up run. */
export interface MadePrompt {
  fact: number;
  frame?: string;
  logProb?: number;
  rank?: number;
  /** What patching each head changes, in logits, the same in both directions; clean - corrupted is `total`. */
  changes?: readonly number[];
  total?: number;
  /** Lens probability of the answer before and after the last layer. */
  final?: readonly [before: number, after: number];
}
export interface MadeRun {
  layers: number;
  headsPerLayer: number;
  facts: readonly { subject: string; answer: string; known?: boolean }[];
  prompts: readonly MadePrompt[];
}

/** A report with the given facts, prompts and patching, everything else as in `base`. */
export function aReport(base: RunReport, { layers, headsPerLayer, facts, prompts }: MadeRun): RunReport {
  const report = structuredClone(base);
  const heads = layers * headsPerLayer;
  const known = (fact: number) => facts[fact]!.known ?? true;
  Object.assign(report.receipt.model, { layers, heads: headsPerLayer });
  Object.assign(report.task, {
    factsTotal: facts.length,
    factsAdmitted: facts.length,
    factsKnown: facts.filter((_, i) => known(i)).length,
    facts: facts.map(({ subject, answer }, index) => ({
      ...base.task.facts[0]!,
      index,
      subject,
      answer,
      known: known(index),
    })),
  });
  report.prompts = prompts.map(({ fact, frame = "plain/none", logProb = -1, rank = 0 }, index) => ({
    ...base.prompts[0]!,
    index,
    fact,
    frame,
    logProb,
    probability: Math.exp(logProb),
    rank,
    candidateRank: rank,
    known: known(fact),
  }));
  const used = prompts.flatMap((prompt, index) =>
    known(prompt.fact)
      ? [
          {
            index,
            fact: prompt.fact,
            changes: prompt.changes ?? Array(heads).fill(0),
            total: prompt.total ?? 4,
            final: prompt.final ?? [0.5, 0.5],
          },
        ]
      : [],
  );
  const bootstrap = new FactBootstrap(facts.length, 200, 1);
  const sums = (of: (prompt: (typeof used)[number]) => number) =>
    facts.map((_, fact) => used.filter((p) => p.fact === fact).reduce((sum, p) => sum + of(p), 0));
  const effects = Array.from({ length: heads }, (_, h) =>
    bootstrap.ratio(
      sums((p) => p.changes[h]!),
      sums((p) => p.total),
    ),
  );
  const ranks = descendingRanks(effects.map(({ value }) => value!));
  Object.assign(report.argumentPassing, {
    layers,
    headsPerLayer,
    movers: [],
    heads: effects.map((effect, h) => ({
      ...base.argumentPassing.heads[0]!,
      layer: Math.floor(h / headsPerLayer),
      head: h % headsPerLayer,
      label: `L${Math.floor(h / headsPerLayer)}H${h % headsPerLayer}`,
      effect,
      rank: ranks[h]!,
      mover: false,
    })),
  });
  const labels = used.map(({ index }) => String(index));
  const prompt = { dim: "prompt" as const, labels };
  const array = (name: string, values: number[]) => ({
    name,
    unit: "logit" as const,
    axes: [prompt],
    values: Float32Array.from(values),
  });
  report.arrays = [
    array(
      "patching.clean",
      used.map(({ total }) => total / 2),
    ),
    array(
      "patching.corrupted",
      used.map(({ total }) => -total / 2),
    ),
    array(
      "patching.noising",
      used.flatMap(({ total, changes }) => changes.map((change: number) => total / 2 - change)),
    ),
    array(
      "patching.denoising",
      used.flatMap(({ total, changes }) => changes.map((change: number) => -total / 2 + change)),
    ),
    {
      name: "lens.answer.probability",
      unit: "probability",
      axes: [
        prompt,
        { dim: "state", labels: [layers === 1 ? "L0.pre" : `L${layers - 2}.post`, `L${layers - 1}.post`] },
      ],
      values: Float32Array.from(used.flatMap(({ final }) => [...final])),
    },
  ];
  return report;
}

/** Paths of numbers that are none. */
export function notFinite(value: unknown, path = ""): string[] {
  if (typeof value === "number") return Number.isFinite(value) ? [] : [path];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, own]) => notFinite(own, `${path}.${key}`));
}
