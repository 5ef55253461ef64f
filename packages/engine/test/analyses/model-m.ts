import type { Aggregation, Analysis, AnalysisContext, FactPrompts } from "../../src/analyses/analysis.ts";
import { FactBootstrap } from "../../src/math/fact-bootstrap.ts";
import type { PassResult } from "../../src/planner/forward-pass.ts";
import { DEFAULT_SETTINGS } from "../../src/results/receipt.ts";
import { referenceInstruments } from "./reference-instruments.ts";
import { runToy, type ToyBlock, type ToyModel, toyFacts } from "./toy-model.ts";

/**
 * A two-layer model that recalls facts by construction. Two relations over F subjects, prompts [BOS, relation, subject, END]:
 * L0H0 copies the subject (2 x 0.9), L0H1 the relation, L0H2 nothing; MLP0 is an AND gate that writes 5 h of the answer and takes h of the
 * argument; L1H0 suppresses answers (-0.5), L1H1 boosts them (+0.25), MLP1 always writes 3 of the token "the".
 */
export interface ModelM {
  toy: ToyModel;
  tokens: {
    bos: number;
    end: number;
    the: number;
    subject: (f: number) => number;
    relation: (t: number) => number;
    answer: (t: number, f: number) => number;
  };
  prompt: (t: number, f: number) => number[];
}

const RELATIONS = 2;

export function modelM(
  F = 5,
  change: (blocks: ToyBlock[], idle: ToyBlock) => ToyBlock[] = (blocks) => blocks,
): ModelM {
  const dim = {
    S: (f: number) => f,
    R: (t: number) => F + t,
    fS: F + 2,
    fE: F + 3,
    fR: F + 4,
    arg: (f: number) => F + 5 + f,
    rel: (t: number) => 2 * F + 5 + t,
    ans: (t: number, f: number) => 2 * F + 7 + t * F + f,
    freq: 4 * F + 7,
  };
  const width = 4 * F + 8;
  const tokens = {
    subject: (f: number) => f,
    relation: (t: number) => F + t,
    bos: F + 2,
    end: F + 3,
    answer: (t: number, f: number) => F + 4 + t * F + f,
    the: 3 * F + 4,
  };
  const vocabulary = 3 * F + 5;
  const facts = Array.from({ length: F }, (_, f) => f);
  const answers = Array.from({ length: RELATIONS }, (_, t) => facts.map((f) => dim.ans(t, f))).flat();

  const unembedding = new Float64Array(vocabulary * width);
  for (const f of facts) {
    unembedding[tokens.subject(f) * width + dim.arg(f)] = 1;
    for (let t = 0; t < RELATIONS; t++) unembedding[tokens.answer(t, f) * width + dim.ans(t, f)] = 1;
  }
  unembedding[tokens.the * width + dim.freq] = 1;

  const scaleAnswers = (gain: number) => (x: Float64Array, out: Float64Array) => {
    for (const d of answers) out[d] = gain * x[d]!;
  };
  const nothing = () => {};
  const idle: ToyBlock = { heads: [0, 1, 2].map(() => ({ key: null, ov: nothing })), mlp: nothing };
  const blocks: ToyBlock[] = [
    {
      heads: [
        {
          key: dim.fS,
          ov: (x, out) => {
            for (const f of facts) out[dim.arg(f)] = 2 * x[dim.S(f)]!;
          },
        },
        {
          key: dim.fR,
          ov: (x, out) => {
            for (let t = 0; t < RELATIONS; t++) out[dim.rel(t)] = x[dim.R(t)]!;
          },
        },
        { key: null, ov: nothing },
      ],
      mlp: (x, out) => {
        for (const f of facts) {
          for (let t = 0; t < RELATIONS; t++) {
            const gate = Math.max(0, x[dim.arg(f)]! + x[dim.rel(t)]! - 1.8);
            out[dim.ans(t, f)]! += 5 * gate;
            out[dim.arg(f)]! -= gate;
          }
        }
      },
    },
    {
      heads: [
        { key: dim.fE, ov: scaleAnswers(-0.5) },
        { key: dim.fE, ov: scaleAnswers(0.25) },
        { key: null, ov: nothing },
      ],
      mlp: (_, out) => {
        out[dim.freq] = 3;
      },
    },
  ];
  const embed = (token: number) => {
    const x = new Float64Array(width);
    if (token < F) x[dim.S(token)] = x[dim.fS] = 1;
    else if (token < F + RELATIONS) x[dim.R(token - F)] = x[dim.fR] = 1;
    else if (token === tokens.end) x[dim.fE] = 1;
    return x;
  };
  return {
    toy: { width, vocabulary, endFlag: dim.fE, embed, unembedding, blocks: change(blocks, idle) },
    tokens,
    prompt: (t, f) => [tokens.bos, tokens.relation(t), tokens.subject(f), tokens.end],
  };
}

/** Relation 0 of model M as a task: fact f is corrupted to f + 2. */
export function taskOfM(
  { toy, tokens, prompt }: ModelM,
  F: number,
): { context: AnalysisContext; facts: FactPrompts[] } {
  const donor = (f: number) => (f + 2) % F;
  const identity = Float64Array.from({ length: toy.width ** 2 }, (_, i) =>
    i % (toy.width + 1) === 0 ? 1 : 0,
  );
  const heads = toy.blocks[0]!.heads.length;
  const context: AnalysisContext = {
    model: toyFacts(toy),
    settings: { ...DEFAULT_SETTINGS, bootstrapSamples: 200 },
    facts: Array.from({ length: F }, (_, f) => ({
      subject: `subject ${f}`,
      answer: `answer ${f}`,
      answerToken: tokens.answer(0, f),
      answerTokens: [tokens.answer(0, f)],
      donor: donor(f),
      subjectToken: tokens.subject(f),
    })),
    candidates: Array.from({ length: F }, (_, f) => tokens.answer(0, f)),
    instruments: referenceInstruments({
      width: toy.width,
      vocabulary: toy.vocabulary,
      norm: "none",
      epsilon: 0,
      gain: new Float64Array(toy.width).fill(1),
      bias: null,
      unembedding: toy.unembedding,
      output: () => ({
        heads,
        headWidth: toy.width,
        values: Float64Array.from(Array.from({ length: heads }, () => [...identity]).flat()),
      }),
    }),
  };
  const facts = context.facts.map(
    ({ answerToken, answerTokens }, f): FactPrompts => ({
      index: f,
      prompts: [
        {
          index: f,
          fact: f,
          frame: "plain/none",
          text: `relation 0 of subject ${f} is`,
          tokens: prompt(0, f),
          subjectSpan: [2, 3],
          roles: { relation: [1, 2], shots: [] },
          answerToken,
          answerTokens,
          corrupted: { tokens: prompt(0, donor(f)), wrongToken: tokens.answer(0, donor(f)) },
        },
      ],
    }),
  );
  return { context, facts };
}

export const aggregationOf = (context: AnalysisContext, measured: readonly FactPrompts[]): Aggregation => ({
  ...context,
  measured,
  bootstrap: new FactBootstrap(measured.length, context.settings.bootstrapSamples, context.settings.seed),
});

/** An analysis from passes to report, on a toy model. */
export async function analyse<Measurement, Report>(
  analysis: Analysis<Measurement, Report>,
  toy: ToyModel,
  { context, facts }: { context: AnalysisContext; facts: readonly FactPrompts[] },
): Promise<Report> {
  const measurements: Measurement[] = [];
  for (const fact of facts) {
    const results: PassResult[][] = fact.prompts.map((prompt) =>
      runToy(toy, analysis.passes(prompt, context)),
    );
    measurements.push(await analysis.measure(fact, results, context));
  }
  return analysis.aggregate(measurements, aggregationOf(context, facts));
}
