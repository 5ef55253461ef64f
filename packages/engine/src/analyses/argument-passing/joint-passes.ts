import { hookName } from "../../hooks/hook-points.ts";
import type { Edit, ForwardPass, PassResult } from "../../planner/forward-pass.ts";
import type { Direction, Replacement } from "../../results/joint-effect.ts";
import type { PreparedPrompt } from "../../tasks/prepare.ts";

/** The first so many heads of the set are patched in pairs. */
const PAIRED_HEADS = 8;

export const ARMS: readonly { replacement: Replacement; direction: Direction }[] = [
  { replacement: "CORRUPTED", direction: "NOISING" },
  { replacement: "CORRUPTED", direction: "DENOISING" },
  { replacement: "ZERO", direction: "NOISING" },
  { replacement: "ZERO", direction: "DENOISING" },
];

/** Places in the set that are patched together: each head, all of them, and pairs. */
export interface Subsets {
  singles: number[][];
  all: number[];
  pairs: [number, number][];
}

export function subsetsOf(heads: number): Subsets {
  const places = Array.from({ length: heads }, (_, i) => i);
  const paired = places.slice(0, PAIRED_HEADS);
  return {
    singles: places.map((place) => [place]),
    all: places,
    pairs: paired.flatMap((a) => paired.slice(a + 1).map((b): [number, number] => [a, b])),
  };
}

const inOrder = ({ singles, all, pairs }: Subsets): readonly (readonly number[])[] => [
  ...singles,
  all,
  ...pairs,
];

/**
 * Clean pass, corrupted pass, then each arm's subsets in the order singles, all, pairs.
 * @param first place of the clean pass in the list that is run
 */
export function planJoint(
  { tokens, answerToken, corrupted }: PreparedPrompt,
  heads: readonly { layer: number; head: number }[],
  first: number,
): ForwardPass[] {
  const query = { tokens: [answerToken, corrupted!.wrongToken] };
  const edit = (place: number, value?: Edit["value"]): Edit => ({
    hook: hookName("attn.hook_z", heads[place]!.layer),
    head: heads[place]!.head,
    position: -1,
    scale: 0,
    ...(value && { value }),
  });
  const [clean, wrong] = [{ pass: first }, { pass: first + 1 }];
  const subsets = inOrder(subsetsOf(heads.length));
  return [
    { tokens, query },
    { tokens: corrupted!.tokens, query },
    ...ARMS.flatMap(({ replacement, direction }) =>
      subsets.map((subset): ForwardPass => {
        const noising = direction === "NOISING";
        if (replacement === "CORRUPTED") {
          const value = noising ? wrong : clean;
          return {
            tokens: noising ? tokens : corrupted!.tokens,
            query,
            edits: subset.map((place) => edit(place, value)),
          };
        }
        if (noising) return { tokens, query, edits: subset.map((place) => edit(place)) };
        const edits = heads.map((_, place) => edit(place, subset.includes(place) ? clean : undefined));
        return { tokens, query, edits };
      }),
    ),
  ];
}

/** Metrics of one prompt, each `[logit difference, answer's logit]`. */
export interface JointReading {
  clean: number[];
  corrupted: number[];
  /** Per arm. */
  arms: { singles: number[][]; all: number[]; pairs: number[][] }[];
}

/** @param results of `planJoint`, in its order */
export function readJoint(results: readonly PassResult[], heads: number): JointReading {
  const metrics = results.map(({ queried }) => [queried![0]! - queried![1]!, queried![0]!]);
  const { singles, pairs } = subsetsOf(heads);
  const size = singles.length + 1 + pairs.length;
  return {
    clean: metrics[0]!,
    corrupted: metrics[1]!,
    arms: ARMS.map((_, arm) => {
      const own = metrics.slice(2 + arm * size, 2 + (arm + 1) * size);
      return {
        singles: own.slice(0, singles.length),
        all: own[singles.length]!,
        pairs: own.slice(singles.length + 1),
      };
    }),
  };
}
