import { FactBootstrap } from "../../math/fact-bootstrap.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import type { MitigationGuards, ReliabilityBin } from "../../results/mitigation.ts";
import type { FurtherContext } from "../further.ts";
import { type Change, changedRows, NO_CHANGE, type SweepRow } from "./alpha-sweep.ts";
import { calibrationError, reliability, type TopToken, withInterval } from "./reliability.ts";

/** What guards are measured on; rows by unit (fact or sentence). */
export interface GuardRows {
  /** Each position's next token is the answer. */
  neutral: readonly SweepRow[][];
  knownTest: readonly SweepRow[][];
  unknown: readonly SweepRow[][];
}

/** Measures what a change does to text and facts it was not made for; the model itself is read once. */
export class Guards {
  private constructor(
    private readonly rows: GuardRows,
    private readonly context: FurtherContext,
    private readonly neutralBefore: number[][],
    private readonly topBefore: TopToken[][],
  ) {}

  static async open(rows: GuardRows, context: FurtherContext): Promise<Guards> {
    const neutral = await logProbs(rows.neutral, NO_CHANGE, 1, context);
    const top = await topTokens([...rows.knownTest, ...rows.unknown], NO_CHANGE, 1, context);
    return new Guards(rows, context, neutral, top);
  }

  /** Of the model as it is. */
  reliability(): ReliabilityBin[] {
    return reliability(this.topBefore, this.bootstrapOf(this.topBefore.length));
  }

  async measure(change: Change, temperature: number): Promise<MitigationGuards> {
    const { rows, context, topBefore } = this;
    const neutral = await logProbs(rows.neutral, change, temperature, context);
    const facts = [...rows.knownTest, ...rows.unknown];
    const after = await topTokens(facts, change, temperature, context);
    const changes = after.map((own, f) =>
      own.map(({ confidence }, p) => confidence - topBefore[f]![p]!.confidence),
    );
    const bootstrap = this.bootstrapOf(facts.length);
    const side = (known: boolean) => {
      const kept = changes.map((own, f) => (f < rows.knownTest.length === known ? own : []));
      return { sums: kept.map(total), counts: kept.map(({ length }) => length) };
    };
    const [known, unknown] = [side(true), side(false)];
    const [noKnown, noUnknown] = ["no test facts", "the model knows every fact it was asked"];
    const estimates = {
      knownTop: bootstrap.ratio(known.sums, known.counts, noKnown),
      unknownTop: bootstrap.ratio(unknown.sums, unknown.counts, noUnknown),
    };
    return {
      neutralLogProb: this.neutralChange(neutral),
      ...estimates,
      selectivity: difference(
        estimates,
        bootstrap.replicates(known.sums, known.counts),
        bootstrap.replicates(unknown.sums, unknown.counts),
      ),
      calibrationError: calibrationError(topBefore, after, bootstrap),
      reliability: reliability(after, bootstrap),
    };
  }

  /** The same draws for whatever is compared. */
  private bootstrapOf(facts: number): FactBootstrap {
    const { bootstrapSamples, seed } = this.context.settings;
    return new FactBootstrap(facts, bootstrapSamples, `guards ${seed}`);
  }

  private neutralChange(after: readonly number[][]): Estimate {
    const { bootstrapSamples, seed } = this.context.settings;
    const changes = after.map((own, s) => own.map((value, i) => value - this.neutralBefore[s]![i]!));
    return new FactBootstrap(changes.length, bootstrapSamples, `neutral ${seed}`).ratio(
      changes.map(total),
      changes.map(({ length }) => length),
      "the tokenizer knows no neutral sentence",
    );
  }
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function difference(
  { knownTop, unknownTop }: Pick<MitigationGuards, "knownTop" | "unknownTop">,
  known: Float64Array,
  unknown: Float64Array,
): Estimate {
  if (knownTop.value === null) return notObserved(knownTop.reason!);
  if (unknownTop.value === null) return notObserved(unknownTop.reason!);
  return withInterval(
    knownTop.value - unknownTop.value,
    known.map((value, i) => value - unknown[i]!),
    knownTop.n + unknownTop.n,
  );
}

async function logProbs(
  rows: readonly SweepRow[][],
  change: Change,
  temperature: number,
  context: FurtherContext,
): Promise<number[][]> {
  const out: number[][] = [];
  for (const own of rows) {
    const read = await context.instruments.read(
      changedRows(own, context, change, temperature),
      own.map(({ answer }) => [answer]),
      0,
    );
    out.push(own.map((_, i) => read.logit[i]! - read.logSumExp[i]!));
  }
  return out;
}

async function topTokens(
  rows: readonly SweepRow[][],
  change: Change,
  temperature: number,
  context: FurtherContext,
): Promise<TopToken[][]> {
  const { instruments } = context;
  const out: TopToken[][] = [];
  for (const own of rows) {
    const normed = changedRows(own, context, change, temperature);
    const best = await instruments.top(normed, 1);
    const read = await instruments.read(
      normed,
      best.map(([first]) => [first!.token]),
      0,
    );
    out.push(
      own.map(({ answer }, i) => ({
        confidence: Math.exp(read.logit[i]! - read.logSumExp[i]!),
        right: best[i]![0]!.token === answer ? 1 : 0,
      })),
    );
  }
  return out;
}
