import { seededRandom } from "../../src/math/random.ts";
import type { FeatureBlock, FeatureModel } from "./feature-model.ts";
import { writeFeatureModel } from "./feature-model.ts";
import {
  ans,
  arg,
  buildModelM,
  END,
  FLAG,
  idleHead,
  type ModelMOptions,
  rel,
  relation,
  type SyntheticModel,
  sub,
  taskOfM,
} from "./model-m-folder.ts";

type Change = NonNullable<ModelMOptions["change"]>;
const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** S9: a block that writes nothing before each block: mover at depth (1 + .5) / 4, the suppressor stays in the last layer. */
export const idleBefore: Change = (blocks, idle) => blocks.flatMap((block) => [idle, block]);
/** S9: after each block: mover at depth .125; the last layer is empty, so nothing is suppressed there. */
export const idleAfter: Change = (blocks, idle) => blocks.flatMap((block) => [block, idle]);
/** S9: the same model with its heads in another order; `order[new place] = old place`. */
export const permuteHeads =
  (order: readonly number[]): Change =>
  (blocks) =>
    blocks.map((block) => ({ ...block, heads: order.map((old) => block.heads[old]!) }));

export const GATES = ["AND", "SUM", "BACKUP"] as const;
/**
 * S2: model M whose mover is two heads of OV gain 1 (L0H0, L0H1; the relation head is L0H2; four heads per layer). With z = arg + rel a gate is
 * AND relu(z - 1.8), SUM relu(z - .9) or BACKUP relu(z - .9) - relu(z - 1.8), open at the last position only. Zeroing L0H0, L0H1, both at
 * the last position lowers logit(y), as a share of what both do, by AND 1, 1, 1 (interaction -1), SUM .5, .5, 1 (0), BACKUP 0, 0, 1 (+1).
 * logit(y) of the clean run is 4.5 x .775 for AND and BACKUP, 9 x .775 for SUM; relation heads matter differently from M. SUM and BACKUP also
 * answer the other relations by half as much or as much, so only the task's candidates tell them apart (known filter CANDIDATE_TOP1).
 */
export const buildS2 = (gate: (typeof GATES)[number], options: Omit<ModelMOptions, "change"> = {}) =>
  buildModelM({
    ...options,
    change: (blocks) => splitMover(blocks, gate, options.facts ?? 5, options.relations ?? 2),
  });

function splitMover(
  blocks: readonly FeatureBlock[],
  gate: string,
  facts: number,
  relations: number,
): FeatureBlock[] {
  const [first, last] = [blocks[0]!, blocks[1]!];
  const half = {
    key: FLAG.subject,
    ov: range(facts).map((f) => ({ from: sub(f), to: arg(f), gain: 1 })),
  };
  const steps: [bias: number, sign: number][] =
    gate === "AND"
      ? [[-1.8, 1]]
      : gate === "SUM"
        ? [[-0.9, 1]]
        : [
            [-0.9, 1],
            [-1.8, -1],
          ];
  // Open at the last position only: elsewhere uniform attention writes enough to pass the lower threshold.
  const SHUT = 10;
  const neurons = range(relations).flatMap((t) =>
    range(facts).flatMap((f) =>
      steps.map(([bias, sign]) => ({
        in: { [arg(f)]: 1, [relation(t)]: 1, [FLAG.end]: SHUT },
        bias: bias - SHUT,
        out: { [ans(t, f)]: 5 * sign, [arg(f)]: -sign },
      })),
    ),
  );
  return [
    { heads: [half, half, first.heads[1]!, idleHead], neurons },
    { ...last, heads: [...last.heads, idleHead] },
  ];
}

/** The weights of S3: amplified, erased, none, damped. */
export const S3_WEIGHTS = [1.5, -1, 0, -0.5] as const;

/**
 * S3: one relation; head k of layer 0 writes .9 g_kf of its own feature (k, f) for subject f (g random in .5-1.5); MLP0 passes feature (k, f)
 * on times w_k and adds b_f to answer f; layer 1 is idle. So m = sum_k w_k x_k + b exactly: R1 gives w, R2 within = held-out R2 = 1, and
 * b is `intercept[f]` on each answer. The answer's logit is twice what head 0 left in the stream plus b.
 */
export async function buildS3({ facts = 12, weights = S3_WEIGHTS as readonly number[] } = {}) {
  const [F, K] = [range(facts), range(weights.length)];
  const random = seededRandom("S3");
  const gains = K.map(() => F.map(() => 0.5 + random()));
  const intercept = F.map(() => random());
  const part = (k: number, f: number) => `head${k}_${f}`;
  const b = (f: number) => `b${f}`;
  const model: FeatureModel = {
    features: [
      ...F.map(sub),
      FLAG.subject,
      FLAG.end,
      ...K.flatMap((k) => F.map((f) => part(k, f))),
      ...F.map(b),
    ],
    end: FLAG.end,
    tokens: tokensOf(facts, (f) => ({ [part(0, f)]: 2, [b(f)]: 1 })),
    blocks: [
      {
        heads: K.map((k) => ({
          key: FLAG.subject,
          ov: F.map((f) => ({ from: sub(f), to: part(k, f), gain: gains[k]![f]! })),
        })),
        neurons: K.flatMap((k) =>
          F.map((f) => ({ in: { [part(k, f)]: 1 }, bias: 0, out: { [part(k, f)]: weights[k]! } })),
        ),
        mlpBias: Object.fromEntries(F.map((f) => [b(f), intercept[f]!])),
      },
      { heads: K.map(() => idleHead), neurons: [] },
    ],
  };
  return { ...(await oneRelation(model, facts)), gains, intercept };
}

/**
 * F9: L0H0 writes 4.5 of the answer, and the last layer's L1H0 -k of it: scaled by s, the answer's lead over every other candidate is 4.5 - k s
 * while the final norm's scale is (nearly) constant, as it is with the default ballast. With a small ballast the scale depends on s, and the
 * frozen-norm attribution -k / sigma is no longer the slope.
 */
export async function buildF9({
  k = 2,
  facts = 8,
  ballast,
}: {
  k?: number;
  facts?: number;
  ballast?: number;
} = {}) {
  const F = range(facts);
  // L1H0 also sees what L0H0 wrote at the subject's position, where it attends to three tokens alike.
  const read = 0.9 * 4.5 + (1 / 30) * (5 / 3);
  const model: FeatureModel = {
    features: [...F.map(sub), FLAG.subject, FLAG.end, ...F.map((f) => ans(0, f))],
    end: FLAG.end,
    tokens: tokensOf(facts, (f) => ({ [ans(0, f)]: 1 })),
    blocks: [
      {
        heads: [
          { key: FLAG.subject, ov: F.map((f) => ({ from: sub(f), to: ans(0, f), gain: 5 })) },
          idleHead,
        ],
        neurons: [],
      },
      {
        heads: [
          { key: FLAG.end, ov: F.map((f) => ({ from: ans(0, f), to: ans(0, f), gain: -k / read })) },
          idleHead,
        ],
        neurons: [],
      },
    ],
  };
  return oneRelation(model, facts, ballast);
}

/** The vocabulary of model M with one relation. */
function tokensOf(facts: number, answer: (f: number) => Record<string, number>): FeatureModel["tokens"] {
  return [
    { text: "[BOS]", embed: {}, unembed: {} },
    ...range(facts).map((f) => ({ text: sub(f), embed: { [sub(f)]: 1, [FLAG.subject]: 1 }, unembed: {} })),
    { text: rel(0), embed: {}, unembed: {} },
    { text: END, embed: { [FLAG.end]: 1 }, unembed: {} },
    ...range(facts).map((f) => ({ text: ans(0, f), embed: {}, unembed: answer(f) })),
    { text: "the", embed: {}, unembed: {} },
  ];
}

async function oneRelation(model: FeatureModel, facts: number, ballast?: number): Promise<SyntheticModel> {
  const id = (text: string) => model.tokens.findIndex((token) => token.text === text);
  return {
    folder: await writeFeatureModel(model, ballast),
    tasks: [taskOfM(0, facts)],
    token: {
      bos: 0,
      end: id(END),
      the: id("the"),
      subject: (f) => id(sub(f)),
      relation: () => id(rel(0)),
      answer: (_, f) => id(ans(0, f)),
    },
    prompt: (_, f) => [0, id(rel(0)), id(sub(f)), id(END)],
  };
}
