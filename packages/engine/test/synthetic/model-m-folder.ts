import { DEFAULT_SETTINGS, type RunSettings } from "../../src/results/receipt.ts";
import type { RunReport } from "../../src/results/report.ts";
import { type OpenModel, openModel } from "../../src/runner/open-model.ts";
import { runTask } from "../../src/runner/run-task.ts";
import type { Task } from "../../src/tasks/task.ts";
import {
  type FeatureBlock,
  type FeatureHead,
  type FeatureModel,
  writeFeatureModel,
} from "./feature-model.ts";

/**
 * MODEL M, a two-layer model that recalls facts by construction, as a real OPT folder. F subjects, T relations, prompts
 * [BOS, rel_t, sub_f, end] ("Rel0 sub1 of"), 3 heads per layer:
 *
 *   L0H0 mover: end -> subject (.9), sub -> 2 arg          L1H0 suppressor: end -> end (.9), ans -> -0.5 ans
 *   L0H1 relation head: end -> relation (.9), rel -> rel   L1H1 booster: end -> end (.9), ans -> +0.25 ans
 *   L0H2 uniform (.25), writes nothing                     L1H2 uniform, writes nothing
 *   MLP0 neuron (t, f): h = relu(arg_f + rel_t - 1.8) writes 5 h ans_tf - h arg_f
 *   MLP1 one neuron, always 1: writes 3 the
 *
 * With F = 5, T = 2 the vocabulary has 20 tokens. Exact values for t = 0, f = 1 (s = sub_1, y = ans_01; logits raw unless said; every
 * fact of both relations has the same ones, whatever its donor):
 *
 *   attention of the last position   L0H0 on subject .9, L0H1 on relation .9, L0H2 .25 each, L1H0 / L1H1 on itself .9
 *   heads write                      L0H0: 1.8 on s, 0 on y (centred: 1.8 - 1.8/20 on s); L1H0 -2.025 on y, L1H1 +1.0125, MLP1 0 (+3 "the")
 *   OV copying                       L0H0 copy@1 = 1 over subjects, L0H2 = 0; authors' r(A, DLA) = null (no variance)
 *   lens (s, y)                      pre0 (0, 0), mid0 (1.8, 0), post0 (.9, 4.5), mid1 and post1 (.9, 3.4875); "the" 3 at the end
 *                                    argument peak mid0, crossover post0, erase index of MLP0 .9
 *   final layer                      p(y) .8148062 before, .4526566 after: dlogp -.587817 (the logarithm of their ratio)
 *   alpha on all final heads         p(y) .694779 (0), .578424 (.5), .452657 (1), .332657 (1.5); logit(y) = 4.5 - 1.0125 alpha
 *   alpha on MLP1                    p(y) .615158 (0), .577348 (.5), .452657 (1), .230018 (1.5)
 *   only L1H0 scaled to 0            logit(y) 5.5125; alpha* = 0 on heads and MLP
 *   subject corruption               LD clean 3.4875, corrupted -3.4875; noising = denoising at the last position:
 *                                    L0H0 1, L0H1 0, L0H2 0, L1H0 -.580645, L1H1 .290323, MLP0 1, MLP1 0
 *   relation corruption (t 0 -> 1)   the same numbers, but L0H0 0 and L0H1 1
 *   path L0H0 -> final residual      MLPs frozen: LD effect 0, logit(s) -.9 (from .9), logit(donor's subject) 1.8 (from 0);
 *                                    MLPs recomputed: 9 / 6.975 = 1.2903226 (normalised);
 *                                    authors' mode (mean over 5 subjects, MLPs recomputed): CL -138.544799 %, raw logit -129.032258 %
 *   regression R1, layer 0           w(L0H0) = -.5, L0H1 and L0H2 not identifiable, rank 1, R2 within 1/26;
 *                                    b = .9 on the task's answers, 0 elsewhere (mean m has -.18 on arg); typeGain .675 centred (.9 - 4.5/20),
 *                                    -.225 on the other relation's answers; LDcand of b 0; derivative of MLP0 along arg is -1
 *   transplant of b_0 at MLP0        into relation-1 prompts: every task-0 answer +.6975; removal: logit(y) 2.79, other candidates -.6975
 *   implicit function                funcAcc 5/5 with its own relation's mean, other relation's mean: 5/5 for that one's answers, 0/5 for these;
 *                                    copyAcc 0 (ties)
 *   copy suppression                 L1H0 writes -.45 lens(v) on every answer token (raw): slope -.45; L1H1 +.225; MLP1 correlates 1 with "the"
 *
 * Float32 and the LayerNorms keep these to about 5e-6. Traps: centred numbers and probabilities depend on V (20 only for F = 5, T = 2);
 * words that are not in the vocabulary are refused (give `words` to add some that mean nothing, V grows); the embeddings hold a ballast of
 * +-8192, so that noise scaled by the embeddings' deviation is far out of scale; residual coordinates come in pairs (x, -x), so squared
 * norms are twice those of the features and inner products with unembeddings the same.
 */
export interface SyntheticModel {
  folder: string;
  /** `facts` of each relation, with two frames of the same numbers: `rel-first` [BOS, rel, sub, end] and `sub-first` [BOS, sub, rel, end]. */
  tasks: Task[];
  /** Ids of tokens. */
  token: {
    bos: number;
    end: number;
    the: number;
    subject: (f: number) => number;
    relation: (t: number) => number;
    answer: (t: number, f: number) => number;
  };
  /** Tokens of the prompt [BOS, rel_t, sub_f, end]. */
  prompt: (t: number, f: number) => number[];
}

export interface ModelMOptions {
  /** At most 24; 8 are needed for movers, labels and verdicts. */
  facts?: number;
  /** 1 to 4. */
  relations?: number;
  /** Changes the blocks; `idle` is a block that writes nothing. */
  change?: (blocks: FeatureBlock[], idle: FeatureBlock) => readonly FeatureBlock[];
  /** One frame (`rel-first`) unless 2. */
  frames?: 1 | 2;
  /** More words of the vocabulary; they embed to nothing. */
  words?: readonly string[];
  /** Ballast of the LayerNorms: small ones make the final scale matter. */
  ballast?: number;
}

/** Names of features and tokens of model M. */
export const sub = (f: number) => `sub${f}`;
export const arg = (f: number) => `arg${f}`;
export const rel = (t: number) => `Rel${t}`;
export const relation = (t: number) => `relation${t}`;
export const ans = (t: number, f: number) => `ans${t}_${f}`;
export const FLAG = { subject: "isSubject", end: "isEnd", relation: "isRelation" } as const;

/** The word at every prompt's end; the engine asks how a subject is spelled after "of ", so that word must be known. */
export const END = "of";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
export const idleHead: FeatureHead = { key: null, ov: [] };

/** Blocks of model M. */
export function blocksOfM(facts: number, relations: number): FeatureBlock[] {
  const [F, T] = [range(facts), range(relations)];
  const answers = T.flatMap((t) => F.map((f) => ans(t, f)));
  const onAnswers = (gain: number) => answers.map((name) => ({ from: name, to: name, gain }));
  return [
    {
      heads: [
        { key: FLAG.subject, ov: F.map((f) => ({ from: sub(f), to: arg(f), gain: 2 })) },
        { key: FLAG.relation, ov: T.map((t) => ({ from: rel(t), to: relation(t), gain: 1 })) },
        idleHead,
      ],
      neurons: T.flatMap((t) =>
        F.map((f) => ({
          in: { [arg(f)]: 1, [relation(t)]: 1 },
          bias: -1.8,
          out: { [ans(t, f)]: 5, [arg(f)]: -1 },
        })),
      ),
    },
    {
      heads: [{ key: FLAG.end, ov: onAnswers(-0.5) }, { key: FLAG.end, ov: onAnswers(0.25) }, idleHead],
      neurons: [{ in: {}, bias: 1, out: { the: 3 } }],
    },
  ];
}

/** The model of known answer above, and its relations as tasks. */
export async function buildModelM(options: ModelMOptions = {}): Promise<SyntheticModel> {
  const { facts = 5, relations = 2, change = (blocks) => blocks, frames = 1, words = [], ballast } = options;
  if (facts < 2 || facts > 24 || relations < 1 || relations > 4)
    throw new RangeError(`model M: ${facts} facts, ${relations} relations (allowed: 2-24 and 1-4)`);
  const [F, T] = [range(facts), range(relations)];
  const blocks = blocksOfM(facts, relations);
  const heads = blocks[0]!.heads.length;
  const idle: FeatureBlock = { heads: range(heads).map(() => idleHead), neurons: [] };
  const one = (...names: string[]) => Object.fromEntries(names.map((name) => [name, 1]));
  const tokens: FeatureModel["tokens"] = [
    { text: "[BOS]", embed: {}, unembed: {} },
    ...F.map((f) => ({ text: sub(f), embed: one(sub(f), FLAG.subject), unembed: one(arg(f)) })),
    ...T.map((t) => ({ text: rel(t), embed: one(rel(t), FLAG.relation), unembed: {} })),
    { text: END, embed: one(FLAG.end), unembed: {} },
    ...T.flatMap((t) => F.map((f) => ({ text: ans(t, f), embed: {}, unembed: one(ans(t, f)) }))),
    { text: "the", embed: {}, unembed: one("the") },
    ...words.map((text) => ({ text, embed: {}, unembed: {} })),
  ];
  const model: FeatureModel = {
    features: [
      ...F.map(sub),
      ...T.map(rel),
      ...Object.values(FLAG),
      ...F.map(arg),
      ...T.map(relation),
      ...T.flatMap((t) => F.map((f) => ans(t, f))),
      "the",
    ],
    end: FLAG.end,
    tokens,
    blocks: change(blocks, idle),
  };
  const id = (text: string) => tokens.findIndex((token) => token.text === text);
  return {
    folder: await writeFeatureModel(model, ballast),
    tasks: T.map((t) => taskOfM(t, facts, frames)),
    token: {
      bos: 0,
      end: id(END),
      the: id("the"),
      subject: (f) => id(sub(f)),
      relation: (t) => id(rel(t)),
      answer: (t, f) => id(ans(t, f)),
    },
    prompt: (t, f) => [0, id(rel(t)), id(sub(f)), id(END)],
  };
}

/** A relation of model M; subjects, relation word and answers are one token each. */
export const taskOfM = (t: number, facts: number, frames: 1 | 2 = 1): Task => ({
  id: `relation-${t}`,
  title: `Relation ${t}`,
  relation: `relation ${t}`,
  version: 1,
  domain: "test",
  licence: "CC0-1.0",
  source: "made up",
  clauses: [
    { id: "rel-first", text: `${rel(t)} {subject} ${END}`, relation: rel(t) },
    { id: "sub-first", text: `{subject} ${rel(t)} ${END}`, relation: rel(t) },
  ].slice(0, frames),
  shot: `${rel(t)} {subject} ${END} {answer}`,
  facts: range(facts).map((f) => ({ subject: sub(f), answer: ans(t, f) })),
});

/** Settings for synthetic tasks: the plain frames only (lead-ins are not in the vocabulary), a small bootstrap. */
export const syntheticSettings = (changes: Partial<RunSettings> = {}): RunSettings => ({
  ...DEFAULT_SETTINGS,
  leadIns: 1,
  bootstrapSamples: 200,
  ...changes,
});

/** Opens a synthetic folder as a run does: checked, with its self-check. Close `session` when done. */
export const openSynthetic = (folder: string): Promise<OpenModel> =>
  openModel(folder, { modelsFolder: folder, cacheFolder: folder, offline: true }, 1);

/** Opens, measures one task, closes. */
export async function runSynthetic(
  { folder, tasks }: SyntheticModel,
  task = 0,
  changes: Partial<RunSettings> = {},
): Promise<RunReport> {
  const model = await openSynthetic(folder);
  try {
    return await runTask(model, tasks[task]!, syntheticSettings(changes), {
      related: tasks.filter((_, i) => i !== task),
    });
  } finally {
    await model.session.close();
  }
}
