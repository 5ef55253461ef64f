import { type BlockPoint, hookName } from "../../hooks/hook-points.ts";
import type { Edit, ForwardPass, PassResult } from "../../planner/forward-pass.ts";
import { firstDifference, type Role, rolePositions } from "../../tasks/counterfactuals/counterfactual.ts";
import type { FurtherContext } from "../further.ts";
import type { Pair } from "./activation-patching-pairs.ts";

/** A place whose value one run takes from the other. */
export interface Place<Position = Role> {
  point: BlockPoint;
  layer: number;
  /** Heads of `attn.hook_z` patched together; all of the point when left out. */
  heads?: readonly number[];
  position: Position;
}

/** Token positions of a place in the clean and in the corrupted prompt, one for one, patched together; null where the prompts have none. */
export type Locate<Position> = (
  pair: Pair,
  position: Position,
) => readonly [readonly number[], readonly number[]] | null;

const byRole: Locate<Role> = ({ prompt, counterfactual }, role) => {
  const [own, other] = [rolePositions(prompt)[role], counterfactual.positions[role]];
  return own === null || other === null ? null : [[own], [other]];
};

/** One pair's logit differences answer - wrong: clean, corrupted, and patched at each place; NaN where a prompt lacks the place. */
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
export function patchPlaces(
  pairs: readonly (readonly Pair[])[],
  places: readonly Place[],
  context: Pick<FurtherContext, "execute" | "progress">,
): Promise<PatchedPair[][]> {
  return patchLocated(pairs, places, byRole, context);
}

/** The same for places that stand where `locate` says. */
export async function patchLocated<Position>(
  pairs: readonly (readonly Pair[])[],
  places: readonly Place<Position>[],
  locate: Locate<Position>,
  context: Pick<FurtherContext, "execute" | "progress">,
): Promise<PatchedPair[][]> {
  const out: PatchedPair[][] = pairs.map(() => []);
  const all = pairs.flatMap((own, fact) => own.map((pair) => ({ pair, fact })));
  const size = Math.max(1, Math.floor(PASSES_PER_CALL / (2 + 2 * places.length)));
  for (let from = 0; from < all.length; from += size) {
    const plan: ForwardPass[] = [];
    const parts = all.slice(from, from + size).map(({ pair, fact }) => {
      const start = plan.length;
      const passes = patchPasses(pair, places, locate, start);
      plan.push(...passes.list);
      return { pair, fact, passes, start };
    });
    const results = await context.execute(plan);
    for (const { pair, fact, passes, start } of parts) {
      const own = results.slice(start, start + passes.list.length);
      out[fact]!.push(readPair(pair, passes, own));
    }
    context.progress(Math.min(all.length, from + size), all.length);
  }
  return out;
}

/** The clean and the corrupted run, then one per place and direction: by place the pass, "same" where it would change nothing, or null. */
interface PairPasses {
  list: ForwardPass[];
  noising: (number | "same" | null)[];
  denoising: (number | "same" | null)[];
}

function patchPasses<Position>(
  pair: Pair,
  places: readonly Place<Position>[],
  locate: Locate<Position>,
  offset: number,
): PairPasses {
  const { prompt, counterfactual } = pair;
  const query = { tokens: [prompt.answerToken, counterfactual.wrongToken] };
  const tokens = [prompt.tokens, counterfactual.tokens] as const;
  const list: ForwardPass[] = tokens.map((own) => ({ tokens: own, query }));
  const shared = firstDifference(...tokens);
  const located = new Map<Position, ReturnType<typeof locate>>();
  for (const { position } of places)
    if (!located.has(position)) located.set(position, locate(pair, position));
  const direction = (to: 0 | 1) => {
    const from = to === 0 ? 1 : 0;
    return places.map(({ point, layer, heads, position }) => {
      const found = located.get(position);
      if (!found) return null;
      const [at, sources] = [found[to], found[from]];
      // A position that sees the same tokens in both runs holds the same values.
      if (at.every((own, i) => own === sources[i] && own < shared)) return "same";
      const edits = at.flatMap((own, i): Edit[] => {
        const edit = {
          hook: hookName(point, layer),
          position: own,
          scale: 0,
          value: { pass: offset + from, position: sources[i]! },
        };
        return heads ? heads.map((head) => ({ ...edit, head })) : [edit];
      });
      list.push({ tokens: tokens[to], query, edits });
      return list.length - 1;
    });
  };
  return { noising: direction(0), denoising: direction(1), list };
}

function readPair({ prompt }: Pair, passes: PairPasses, results: readonly PassResult[]): PatchedPair {
  const metric = (index: number) => results[index]!.queried![0]! - results[index]!.queried![1]!;
  const read = (at: PairPasses["noising"], unchanged: number) =>
    Float64Array.from(at, (pass) =>
      pass === null ? Number.NaN : pass === "same" ? unchanged : metric(pass),
    );
  const [clean, corrupted] = [metric(0), metric(1)];
  return {
    prompt: prompt.index,
    clean,
    corrupted,
    noising: read(passes.noising, clean),
    denoising: read(passes.denoising, corrupted),
  };
}
