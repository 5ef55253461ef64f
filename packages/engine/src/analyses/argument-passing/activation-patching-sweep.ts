import { type BlockPoint, hookName } from "../../hooks/hook-points.ts";
import type { Edit, ForwardPass, PassResult } from "../../planner/forward-pass.ts";
import { firstDifference, type Role, rolePositions } from "../../tasks/counterfactuals/counterfactual.ts";
import type { FurtherContext } from "../further.ts";
import type { Pair } from "./activation-patching-pairs.ts";

/** A place whose value one run takes from the other. */
export interface Place {
  point: BlockPoint;
  layer: number;
  /** Heads of `attn.hook_z` patched together; all of the point when left out. */
  heads?: readonly number[];
  position: Role;
}

/** One pair's logit differences answer - wrong: clean, corrupted, and patched at each place; NaN where a prompt lacks the place's role. */
export interface PatchedPair {
  prompt: number;
  clean: number;
  corrupted: number;
  /** Clean run with the corrupted value, `[place]`. */
  noising: Float64Array;
  /** Corrupted run with the clean value, `[place]`. */
  denoising: Float64Array;
}

const PASSES_PER_CALL = 4096;

/** Patches every place of every pair in both directions. @returns per fact, per pair */
export async function patchPlaces(
  pairs: readonly (readonly Pair[])[],
  places: readonly Place[],
  context: Pick<FurtherContext, "execute" | "progress">,
): Promise<PatchedPair[][]> {
  const out: PatchedPair[][] = pairs.map(() => []);
  const all = pairs.flatMap((own, fact) => own.map((pair) => ({ pair, fact })));
  const size = Math.max(1, Math.floor(PASSES_PER_CALL / (2 + 2 * places.length)));
  for (let from = 0; from < all.length; from += size) {
    const plan: ForwardPass[] = [];
    const parts = all.slice(from, from + size).map(({ pair, fact }) => {
      const start = plan.length;
      const passes = patchPasses(pair, places, start);
      plan.push(...passes.list);
      return { pair, fact, passes, start };
    });
    const results = await context.execute(plan);
    for (const { pair, fact, passes, start } of parts) {
      const own = results.slice(start, start + passes.list.length);
      out[fact]!.push(readPair(pair, places, passes, own));
    }
    context.progress(Math.min(all.length, from + size), all.length);
  }
  return out;
}

/** The clean and the corrupted run, then one per place and direction; null where a place has no role here or the patch changes nothing. */
interface PairPasses {
  list: ForwardPass[];
  noising: (number | null)[];
  denoising: (number | null)[];
}

function patchPasses({ prompt, counterfactual }: Pair, places: readonly Place[], offset: number): PairPasses {
  const query = { tokens: [prompt.answerToken, counterfactual.wrongToken] };
  const sides = [
    { tokens: prompt.tokens, positions: rolePositions(prompt) },
    { tokens: counterfactual.tokens, positions: counterfactual.positions },
  ] as const;
  const list: ForwardPass[] = sides.map(({ tokens }) => ({ tokens, query }));
  const shared = firstDifference(prompt.tokens, counterfactual.tokens);
  const direction = (target: 0 | 1) => {
    const [to, from] = [sides[target], sides[target === 0 ? 1 : 0]];
    return places.map(({ point, layer, heads, position }) => {
      const [at, source] = [to.positions[position], from.positions[position]];
      if (at === null || source === null) return null;
      // A position that sees the same tokens in both runs holds the same values.
      if (at === source && at < shared) return null;
      const edit = (head?: number): Edit => ({
        hook: hookName(point, layer),
        ...(head !== undefined && { head }),
        position: at,
        scale: 0,
        value: { pass: offset + (target === 0 ? 1 : 0), position: source },
      });
      list.push({ tokens: to.tokens, query, edits: heads ? heads.map(edit) : [edit()] });
      return list.length - 1;
    });
  };
  return { noising: direction(0), denoising: direction(1), list };
}

function readPair(
  { prompt, counterfactual }: Pair,
  places: readonly Place[],
  passes: PairPasses,
  results: readonly PassResult[],
): PatchedPair {
  const metric = (index: number) => results[index]!.queried![0]! - results[index]!.queried![1]!;
  const [own, other] = [rolePositions(prompt), counterfactual.positions];
  const read = (at: readonly (number | null)[], unchanged: number) =>
    Float64Array.from(places, ({ position }, i) => {
      if (own[position] === null || other[position] === null) return Number.NaN;
      return at[i] === null ? unchanged : metric(at[i]!);
    });
  const [clean, corrupted] = [metric(0), metric(1)];
  return {
    prompt: prompt.index,
    clean,
    corrupted,
    noising: read(passes.noising, clean),
    denoising: read(passes.denoising, corrupted),
  };
}
