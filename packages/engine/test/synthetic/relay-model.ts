import type { Task } from "../../src/tasks/task.ts";
import {
  type FeatureBlock,
  type FeatureHead,
  type FeatureModel,
  type FeatureNeuron,
  writeFeatureModel,
} from "./feature-model.ts";
import { idleHead, type SyntheticModel } from "./model-m-folder.ts";

/** Movers of the relay on the frame `plain`, each of effect exactly 1 in both directions; every other head is idle everywhere. */
export const RELAY = ["L0H1 at subjLast", "L1H0 at +1", "L2H2 at last"] as const;

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const RELAYED = ["a", "b", "c", "d", "e"] as const;
/** Thresholds and gains of the neurons of a gate at its own position. OPEN is linear in what is relayed; STEP is flat at 0.1 and at 1. */
const OPEN = [[-0.1, 1]] as const;
const STEP = [
  [0.4, 8],
  [0.5, -8],
] as const;
type Stage = (typeof RELAYED)[number] | "sub" | "ans";
const at = (stage: Stage, f: number) => `${stage}${f}`;

/**
 * A three-layer model that hands the subject on from position to position. Subjects are two words, "sub_f tail"; the frames are
 *
 *   plain    Rel0 sub_f tail is of          shifted  Pad Rel0 sub_f tail is of          apart  Rel0 sub_f tail pad is of
 *
 *   L0H1  tail, is, of -> subject     sub_f -> a_f; MLP0 passes a_f on as b_f at `tail` only
 *   L1H0  tail, is, of -> tail        b_f -> c_f;   MLP1 passes c_f on as d_f at `is` only
 *   L2H2  tail, is, of -> is          d_f -> e_f, which the answer's unembedding reads
 *
 * So L0H1 matters at the subject's last token, L1H0 at `is` (+1; in `apart` +2), L2H2 at the last position, and nothing anywhere else.
 * With `saturated`, MLP1 is a step that is flat in both runs: the gradient upstream of it is 0, and the effects are the same. `busy` lets the
 * other heads of layers 0 and 2 write 0.5 % of the answer's lead at the last position, past the relay.
 */
export async function buildRelay({
  facts = 10,
  saturated = false,
  busy = false,
  heads = 3,
  frames = ["plain"],
}: {
  facts?: number;
  saturated?: boolean;
  busy?: boolean;
  /** At least 3. */
  heads?: number;
  frames?: readonly ("plain" | "shifted" | "apart")[];
} = {}): Promise<SyntheticModel> {
  const F = range(facts);
  const move = (key: string, from: Stage, to: Stage, gain = 1): FeatureHead => ({
    key,
    ov: F.map((f) => ({ from: at(from, f), to: at(to, f), gain })),
  });
  const layer = (mover: number, own: FeatureHead, others: FeatureHead): FeatureHead[] =>
    range(heads).map((head) => (head === mover ? own : others));
  // 0.9 of the subject's 1, against about 0.8 of the relay's: close enough for effects of less than 1 %.
  const bypass = busy ? move("isSubject", "sub", "e", 0.005) : idleHead;
  const gate = (word: string, from: "a" | "c", to: "b" | "d"): FeatureNeuron[] =>
    F.flatMap((f) =>
      (saturated && from === "c" ? STEP : OPEN).map(([threshold, gain]) => ({
        in: { [at(from, f)]: 1, [word]: 10 },
        bias: -10 - threshold,
        out: { [at(to, f)]: gain },
      })),
    );
  const blocks: FeatureBlock[] = [
    { heads: layer(1, move("isSubject", "sub", "a"), bypass), neurons: gate("isTail", "a", "b") },
    { heads: layer(0, move("isTail", "b", "c"), idleHead), neurons: gate("isIs", "c", "d") },
    { heads: layer(2, move("isIs", "d", "e"), bypass), neurons: [] },
  ];
  const word = (text: string, embed: Record<string, number> = {}) => ({ text, embed, unembed: {} });
  const tokens: FeatureModel["tokens"] = [
    word("[BOS]"),
    word("Rel0"),
    word("pad"),
    word("Pad"),
    word("tail", { isTail: 1, asks: 1 }),
    word("is", { isIs: 1, asks: 1 }),
    word("of", { asks: 1 }),
    ...F.map((f) => word(at("sub", f), { [at("sub", f)]: 1, isSubject: 1 })),
    ...F.map((f) => ({ text: at("ans", f), embed: {}, unembed: { [at("e", f)]: 4 } })),
  ];
  const model: FeatureModel = {
    features: [
      "asks",
      "isSubject",
      "isTail",
      "isIs",
      ...F.map((f) => at("sub", f)),
      ...RELAYED.flatMap((stage) => F.map((f) => at(stage, f))),
    ],
    end: "asks",
    tokens,
    blocks,
  };
  const id = (text: string) => tokens.findIndex((token) => token.text === text);
  return {
    folder: await writeFeatureModel(model),
    tasks: [relayTask(facts, frames)],
    token: {
      bos: 0,
      end: id("of"),
      the: id("pad"),
      subject: (f) => id(at("sub", f)),
      relation: () => id("Rel0"),
      answer: (_, f) => id(at("ans", f)),
    },
    prompt: (_, f) => ["[BOS]", "Rel0", at("sub", f), "tail", "is", "of"].map(id),
  };
}

const CLAUSES = {
  plain: "Rel0 {subject} is of",
  shifted: "Pad Rel0 {subject} is of",
  apart: "Rel0 {subject} pad is of",
};

const relayTask = (facts: number, frames: readonly (keyof typeof CLAUSES)[]): Task => ({
  id: "relay",
  title: "Relay",
  relation: "relation 0",
  version: 1,
  domain: "test",
  licence: "CC0-1.0",
  source: "made up",
  clauses: frames.map((id) => ({ id, text: CLAUSES[id], relation: "Rel0" })),
  shot: "Rel0 {subject} is of {answer}",
  facts: range(facts).map((f) => ({ subject: `${at("sub", f)} tail`, answer: at("ans", f) })),
});
