import type { FurtherContext } from "../../../src/analyses/further.ts";
import { FactBootstrap } from "../../../src/math/fact-bootstrap.ts";
import { normalFrom, seededRandom } from "../../../src/math/random.ts";
import type { ForwardPass, PassResult } from "../../../src/planner/forward-pass.ts";
import { DEFAULT_SETTINGS } from "../../../src/results/receipt.ts";
import type { RunReport } from "../../../src/results/report.ts";
import { referenceInstruments } from "../reference-instruments.ts";

/** What one prompt's last position holds in a one-layer model: what each head wrote, the MLP's output, and optionally the norm's scale. */
export interface MadePrompt {
  heads: number[][];
  mlp: number[];
  embedding?: number[];
  lnScale?: number;
}

export interface MadeRun {
  /** Per fact, per frame. */
  prompts: MadePrompt[][];
  movers?: string[];
  norm?: "rms" | "layernorm";
  /** Final norm's scale of every prompt. */
  scale?: number;
}

export const normals = (seed: string) => normalFrom(seededRandom(seed));

/** A run whose activations are made to measure; the answer of fact f is token f, read along coordinate f (unit rows). */
export function madeRun({ prompts, movers = [], norm = "rms", scale = 1 }: MadeRun): FurtherContext {
  const [facts, heads] = [prompts.length, prompts[0]![0]!.heads.length];
  const width = prompts[0]![0]!.mlp.length;
  const vocabulary = Math.max(facts, width);
  const unembedding = new Float64Array(vocabulary * width);
  for (let v = 0; v < Math.min(facts, width); v++) unembedding[v * width + v] = 1;
  const resultOf = ({ heads: x, mlp, embedding = mlp.map(() => 0), lnScale = 1 }: MadePrompt): PassResult => {
    const mid = embedding.map((value, d) => value + x.reduce((sum, own) => sum + own[d]!, 0));
    const captures = new Map([
      ["blocks.0.attn.hook_result", Float32Array.from(x.flat())],
      ["blocks.0.hook_mlp_out", Float32Array.from(mlp)],
      ["blocks.0.hook_resid_pre", Float32Array.from(embedding)],
      ["blocks.0.hook_resid_mid", Float32Array.from(mid)],
      ["blocks.0.ln2.hook_scale", Float32Array.of(lnScale)],
      ["blocks.0.hook_resid_post", new Float32Array(width).fill(scale)],
    ]) as PassResult["captures"];
    return { captures };
  };
  const model: FurtherContext["model"] = {
    ...{
      architecture: "made",
      layers: 1,
      heads,
      kvHeads: heads,
      width,
      headWidth: 1,
      mlpWidth: 1,
      vocabulary,
    },
    ...{
      positions: 64,
      norm: { kind: norm, epsilon: 0 },
      tied: false,
      learnedPositions: false,
      block: "serial",
      postNorm: "none",
      logitCap: null,
    },
  };
  const settings = { ...DEFAULT_SETTINGS, bootstrapSamples: 200 };
  const report = {
    argumentPassing: {
      heads: Array.from({ length: heads }, (_, head) => ({
        layer: 0,
        head,
        label: `L0H${head}`,
        mover: movers.includes(`L0H${head}`),
        rank: head + 1,
        effect: { value: 1 / (head + 1), low: null, high: null, n: facts },
      })),
    },
    mlpActivation: { headlineLayer: 0, decompositions: [] },
  } as unknown as RunReport;
  return {
    model,
    settings,
    facts: Array.from({ length: facts }, (_, f) => ({
      ...{
        subject: `s${f}`,
        answer: `a${f}`,
        answerToken: f,
        answerTokens: [f],
        donor: null,
        subjectToken: f,
      },
    })),
    candidates: Array.from({ length: facts }, (_, f) => f),
    instruments: referenceInstruments({
      ...{ width, vocabulary, norm: "rms", epsilon: 0, bias: null, unembedding },
      gain: new Float64Array(width).fill(1),
      output: () => ({ heads, headWidth: 1, values: [] }),
    }),
    measured: prompts.map((own, index) => ({
      index,
      prompts: own.map((_, frame) => ({
        ...{ index: 0, fact: index, frame: `clause/${frame}`, text: "", tokens: [index, frame] },
        ...{ subjectSpan: [0, 1] as [number, number], roles: { relation: null, shots: [] } },
        ...{ answerToken: index, answerTokens: [index], corrupted: null },
      })),
    })),
    bootstrap: new FactBootstrap(facts, settings.bootstrapSamples, settings.seed),
    report,
    unknown: [],
    related: [],
    execute: async (passes: readonly ForwardPass[]) =>
      passes.map(({ tokens }) => resultOf(prompts[tokens[0]!]![tokens[1]!]!)),
    progress: () => {},
  } as unknown as FurtherContext;
}

/** m = sum_k w_k x_k + b + noise. */
export const combined = (
  x: number[][],
  w: readonly number[],
  b: readonly number[],
  noise = () => 0,
): number[] => b.map((value, d) => value + noise() + x.reduce((sum, own, k) => sum + w[k]! * own[d]!, 0));
