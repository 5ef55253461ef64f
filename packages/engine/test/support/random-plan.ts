import type { ModelFacts } from "../../src/architectures/architecture.ts";
import { absence, type BlockPoint, HOOK_POINTS, hookName, isInput } from "../../src/hooks/hook-points.ts";
import { headCount, hookWidth } from "../../src/planner/check-pass.ts";
import type { Edit, ForwardPass, Knockout } from "../../src/planner/forward-pass.ts";

const BLOCK_POINTS = (Object.keys(HOOK_POINTS) as BlockPoint[]).filter(
  (point) => HOOK_POINTS[point].scope === "block",
);

/** Points of a block that a model has and that can be edited. */
export const editablePoints = (facts: ModelFacts): BlockPoint[] =>
  BLOCK_POINTS.filter((point) => HOOK_POINTS[point].editable && !absence(point, facts));

/**
 * `count` random passes over the `bases` (which come first in the plan, unedited): edits of every editable hook, heads, positions and kinds of
 * value, and knockouts, mixed. Most ask for the last position only, so that they share their base's prefix.
 */
export function randomPlan(
  bases: readonly (readonly number[])[],
  facts: ModelFacts,
  random: () => number,
  count: number,
): ForwardPass[] {
  const editable = editablePoints(facts);
  const capturable = BLOCK_POINTS.filter((point) => !isInput(point) && !absence(point, facts));
  const below = (n: number) => Math.floor(random() * n);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!;
  const chance = (p: number) => random() < p;

  /** Drawn without putting back until none is left, so that few passes edit every point. */
  const bag: BlockPoint[] = [];
  const nextPoint = (): BlockPoint => {
    if (bag.length === 0) bag.push(...editable);
    return bag.splice(below(bag.length), 1)[0]!;
  };

  const edit = (tokens: readonly number[], everywhere: boolean): Edit => {
    const point = nextPoint();
    const heads = headCount(point, facts);
    const head = heads !== null && chance(0.7) ? below(heads) : undefined;
    const first = everywhere ? 0 : Math.floor(tokens.length / 2);
    const position = everywhere && chance(0.4) ? undefined : first + below(tokens.length - first);
    const place = position !== undefined && chance(0.5) ? position - tokens.length : position;
    return {
      hook: hookName(point, below(facts.layers)),
      scale: pick([0, 0.5, 1, -1.5]),
      ...(head !== undefined && { head }),
      ...(place !== undefined && { position: place }),
      ...value(hookWidth(point, facts) / (head === undefined ? 1 : heads!), tokens.length, place),
    };
  };
  const value = (width: number, length: number, position: number | undefined): Pick<Edit, "value"> => {
    const kind = pick(["none", "numbers", "same place", "other place"] as const);
    if (kind === "none") return {};
    if (kind === "numbers") return { value: Float32Array.from({ length: width }, () => random() - 0.5) };
    const pass = below(bases.length);
    const other = bases[pass]!.length;
    // The same place only where the source has it.
    const shared =
      position === undefined ? other === length : position >= 0 ? position < other : -position <= other;
    if (kind === "same place" && shared) return { value: { pass } };
    return { value: { pass, position: below(2 * other) - other } };
  };
  const knockout = (length: number, everywhere: boolean, spareSelf: boolean): Knockout[] => {
    const first = everywhere ? 0 : Math.floor(length / 2);
    const position = first + below(length - first);
    const keys = Array.from({ length: position + 1 }, (_, key) => key).filter(
      (key) => key !== (spareSelf ? position : 0) && chance(0.6),
    );
    if (keys.length === 0) return [];
    return [
      {
        layer: below(facts.layers),
        query: chance(0.5) ? position : position - length,
        keys,
        ...(chance(0.5) && { head: below(facts.heads) }),
      },
    ];
  };

  return Array.from({ length: count }, (): ForwardPass => {
    const tokens = pick(bases);
    const everywhere = chance(0.3);
    const spareSelf = chance(0.5);
    const several = <T>(most: number, make: () => T): T[] => Array.from({ length: below(most + 1) }, make);
    const edits = several(chance(0.15) ? 0 : 5, () => edit(tokens, everywhere));
    const knockouts = chance(0.5)
      ? several(3, () => knockout(tokens.length, everywhere, spareSelf)).flat()
      : [];
    const positions = everywhere ? "all" : "last";
    return {
      tokens,
      ...(edits.length > 0 && { edits }),
      ...(knockouts.length > 0 && { knockouts }),
      capture: [...new Set(several(3, () => hookName(pick(capturable), below(facts.layers))))].map(
        (hook) => ({
          hook,
          positions,
        }),
      ),
      logits: positions,
      query: { tokens: [3, 7, 11] },
    };
  });
}
