import type { ModelFacts } from "../../architectures/architecture.ts";
import { EngineError } from "../../errors.ts";
import { sourceFigures } from "../../figures/source-figures.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import type { LabeledArray } from "../../results/labeled-array.ts";
import {
  type AttributionTargets,
  type HeadSources,
  SOURCE_GROUPS,
  type SourceAttributionReport,
} from "../../results/source-attribution.ts";
import type { PreparedPrompt } from "../../tasks/prepare.ts";
import { SUFFICIENT_FACTS } from "../analysis.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { FactSums } from "./fact-sums.ts";
import { headRole, ROLE_THRESHOLD } from "./head-role.ts";
import { attributionDirections, type HeadReading, readHeads, TARGETS } from "./head-sources.ts";
import { correlationOverPrompts } from "./passing-correlation.ts";
import { groupOfPositions } from "./source-groups.ts";

/** Prompts whose patterns, values and head outputs are held together. */
const PROMPTS_PER_STEP = 16;
/** Facts whose directions are taken through every W_O together. */
const FACTS_PER_STEP = 64;
/** By how much the sources may miss the attribution of a head's output, per logit that they add up in absolute value (float32). */
const SUM_TOLERANCE = 1e-3;

const GROUPS = SOURCE_GROUPS.length;
// Series of one head: attention and value-weighted share per group, targets per group, targets in total, and two of their own.
const series = {
  attention: (group: number) => group,
  valueShare: (group: number) => GROUPS + group,
  source: (target: number, group: number) => 2 * GROUPS + target * GROUPS + group,
  total: (target: number) => 2 * GROUPS + TARGETS * GROUPS + target,
  writes: 2 * GROUPS + TARGETS * (GROUPS + 1),
  margin: 2 * GROUPS + TARGETS * (GROUPS + 1) + 1,
  count: 2 * GROUPS + TARGETS * (GROUPS + 1) + 2,
};
// Places of targets in TARGETS' order.
const [SUBJECT, LEAD] = [0, 2];
const [FROM_SUBJECT, FROM_RELATION] = [SOURCE_GROUPS.indexOf("subject"), SOURCE_GROUPS.indexOf("relation")];

interface Measured {
  sums: FactSums;
  /** Per fact, prompt and head: attention on the subject, <a, u_s> raw and folded. */
  passing: { attention: Float64Array; raw: Float64Array; folded: Float64Array }[][];
  promptsWith: number[];
  sumError: number;
}

/** Splits what every head writes at the last position by the positions it comes from; see `SourceAttributionReport`. */
export const sourceAttribution = defineFurther<SourceAttributionReport>({
  id: "source-attribution",
  title: "Sources of head outputs",
  mechanism: "argument passing",
  summary:
    "Attention and direct logit attribution of each head by source: subject, relation, demonstrations, first and last position.",
  standard: true,
  figures: sourceFigures,

  async run(context) {
    const { model, measured, settings, report } = context;
    const measurements = await measureAll(context);
    const sufficient = measured.length >= SUFFICIENT_FACTS;
    const count = model.layers * model.heads;
    return {
      prompts: measured.flatMap(({ prompts }) => prompts).length,
      facts: measured.length,
      groups: SOURCE_GROUPS.map((group, i) => ({ group, prompts: measurements.promptsWith[i]! })),
      startToken: report.receipt.model.bos.prepended,
      roleThreshold: ROLE_THRESHOLD,
      ...(!sufficient && {
        roleReason: `${measured.length} known facts (at least ${SUFFICIENT_FACTS} needed to name a role)`,
      }),
      sumError: measurements.sumError,
      heads: Array.from({ length: count }, (_, at) =>
        headReport(at, measurements, context, sufficient, settings.shots),
      ),
      arrays: [
        passingArray("sources.attention_to_subject", "share", "attention", measurements, context),
        passingArray("sources.writes_of_subject", "logit", "raw", measurements, context),
      ],
    };
  },
});

async function measureAll(context: FurtherContext): Promise<Measured> {
  const { model, measured, facts, candidates, instruments, execute, progress } = context;
  const heads = model.layers * model.heads;
  const out: Measured = {
    sums: new FactSums(measured.length, heads * series.count),
    passing: measured.map(() => []),
    promptsWith: SOURCE_GROUPS.map(() => 0),
    sumError: 0,
  };
  const total = measured.flatMap(({ prompts }) => prompts).length;
  let done = 0;
  for (let first = 0; first < measured.length; first += FACTS_PER_STEP) {
    const group = measured.slice(first, first + FACTS_PER_STEP);
    const directions = await attributionDirections(
      group.map(({ index }) => facts[index]!),
      candidates,
      model,
      instruments,
    );
    const prompts = group.flatMap((fact, i) => fact.prompts.map((prompt) => ({ prompt, i })));
    for (let at = 0; at < prompts.length; at += PROMPTS_PER_STEP) {
      const step = prompts.slice(at, at + PROMPTS_PER_STEP);
      const results = await execute(step.map(({ prompt }) => passOf(prompt, model)));
      for (const [j, { prompt, i }] of step.entries()) {
        const groups = groupOfPositions(prompt);
        for (const [g] of SOURCE_GROUPS.entries()) if (groups.includes(g)) out.promptsWith[g]!++;
        const readings = await readHeads(results[j]!, groups, directions.of(i), context);
        record(out, first + i, readings, groups);
      }
      done += step.length;
      progress(done, total);
    }
  }
  return out;
}

const passOf = (
  { tokens }: PreparedPrompt,
  { layers, postNorm }: Pick<ModelFacts, "layers" | "postNorm">,
) => ({
  tokens,
  capture: [
    ...Array.from({ length: layers }, (_, layer) => [
      { hook: hookName("attn.hook_pattern", layer), positions: "last" as const },
      { hook: hookName("attn.hook_v", layer), positions: "all" as const },
      { hook: hookName("attn.hook_result", layer), positions: "last" as const },
      ...(postNorm === "output"
        ? [{ hook: hookName("ln1_post.hook_scale", layer), positions: "last" as const }]
        : []),
    ]).flat(),
    { hook: hookName("hook_resid_post", layers - 1), positions: "last" as const },
  ],
});

/** Adds one prompt's readings to the sums of its fact. */
function record(out: Measured, fact: number, readings: readonly HeadReading[], groups: readonly number[]) {
  const passing = {
    attention: new Float64Array(readings.length),
    raw: new Float64Array(readings.length),
    folded: new Float64Array(readings.length),
  };
  for (const [at, reading] of readings.entries()) {
    const add = (which: number, value: number) => out.sums.add(fact, at * series.count + which, value);
    for (let g = 0; g < GROUPS; g++) {
      if (!groups.includes(g)) continue;
      add(series.attention(g), reading.attention[g]!);
      add(series.valueShare(g), reading.written[g]! / reading.written.reduce((a, b) => a + b, 0));
      for (let t = 0; t < TARGETS; t++) add(series.source(t, g), reading.sources[t]![g]!);
    }
    for (let t = 0; t < TARGETS; t++) add(series.total(t), reading.totals[t]!);
    add(series.writes, reading.writes.raw);
    add(series.margin, reading.sources[SUBJECT]![FROM_SUBJECT]! - reading.sources[LEAD]![FROM_SUBJECT]!);
    out.sumError = Math.max(out.sumError, checkedError(reading));
    passing.attention[at] = reading.attention[FROM_SUBJECT]!;
    passing.raw[at] = reading.writes.raw;
    passing.folded[at] = reading.writes.folded;
  }
  out.passing[fact]!.push(passing);
}

/** @throws EngineError where the sources of a head do not add up to its output: its values, pattern and W_O do not belong together */
function checkedError({ label, sources, totals, magnitudes }: HeadReading): number {
  let largest = 0;
  for (let t = 0; t < TARGETS; t++) {
    if (Number.isNaN(totals[t]!)) continue;
    const error = Math.abs(sources[t]!.reduce((a, b) => a + b, 0) - totals[t]!);
    if (!(error <= SUM_TOLERANCE * Math.max(1, magnitudes[t]!)))
      throw new EngineError(
        "ENGINE_FAILED",
        `sources of ${label}: miss its direct logit attribution by ${error} logits (at most ${SUM_TOLERANCE} of what they add allowed); this architecture's attention values and W_O do not give its head outputs`,
      );
    largest = Math.max(largest, error);
  }
  return largest;
}

function headReport(
  at: number,
  { sums, passing }: Measured,
  context: FurtherContext,
  sufficient: boolean,
  shots: number,
): HeadSources {
  const { model, bootstrap, candidates } = context;
  const mean = (which: number, reason: string) => sums.mean(at * series.count + which, bootstrap, reason);
  const targets = (of: (target: number) => number, missing: string | null): AttributionTargets => {
    const [subject, answer, answerOverCandidates, all] = [
      "the subject's first token is the answer's",
      "no prompt",
      `${candidates.length} candidate`,
      "no prompt",
    ].map((reason, t) => (missing ? notObserved(missing) : mean(of(t), reason)));
    return {
      subject: subject!,
      answer: answer!,
      answerOverCandidates: answerOverCandidates!,
      candidates: all!,
    };
  };
  const sources = SOURCE_GROUPS.map((group, g) => {
    const present = sums.observed(at * series.count + series.attention(g)) > 0;
    const missing = present ? null : absence(group, shots);
    return {
      group,
      attention: missing ? notObserved(missing) : mean(series.attention(g), "no prompt"),
      valueShare: missing ? notObserved(missing) : mean(series.valueShare(g), "the head writes nothing"),
      attribution: targets((t) => series.source(t, g), missing),
    };
  });
  const label = `L${Math.floor(at / model.heads)}H${at % model.heads}`;
  const correlation = (key: "raw" | "folded"): Estimate =>
    correlationOverPrompts(
      passing.map((own) => own.map(({ attention }) => attention[at]!)),
      passing.map((own) => own.map((prompt) => prompt[key][at]!)),
      bootstrap,
      ["attention on the subject", "what the head writes of the subject"],
    );
  const [fromSubject, fromRelation] = [
    sources[FROM_SUBJECT]!.attribution,
    sources[FROM_RELATION]!.attribution,
  ];
  return {
    layer: Math.floor(at / model.heads),
    head: at % model.heads,
    label,
    role: sufficient
      ? headRole({
          subjectOnSubject: fromSubject.subject,
          subjectMargin: mean(series.margin, "no prompt"),
          answerFromSubject: fromSubject.answerOverCandidates,
          candidatesFromRelation: fromRelation.candidates,
          answerFromRelation: fromRelation.answerOverCandidates,
        })
      : null,
    sources,
    total: targets((t) => series.total(t), null),
    writesOfSubject: mean(series.writes, "no prompt"),
    correlation: { raw: correlation("raw"), folded: correlation("folded") },
  };
}

function absence(group: (typeof SOURCE_GROUPS)[number], shots: number): string {
  if (group.startsWith("demonstration"))
    return shots === 0 ? "no demonstrations (0 shots)" : `no prompt has ${group}`;
  if (group === "relation") return "no prompt names its relation in a word of its own";
  return `no prompt has a position that is ${group} and nothing else`;
}

function passingArray(
  name: string,
  unit: LabeledArray["unit"],
  key: "attention" | "raw",
  { passing }: Measured,
  { model, measured }: FurtherContext,
): LabeledArray {
  const labels = (n: number) => Array.from({ length: n }, (_, i) => String(i));
  return {
    name,
    unit,
    axes: [
      { dim: "prompt", labels: measured.flatMap(({ prompts }) => prompts.map(({ index }) => String(index))) },
      { dim: "layer", labels: labels(model.layers) },
      { dim: "head", labels: labels(model.heads) },
    ],
    values: Float32Array.from(passing.flat().flatMap((prompt) => [...prompt[key]])),
  };
}
