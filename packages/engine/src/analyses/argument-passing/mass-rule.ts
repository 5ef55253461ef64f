import type { MassView } from "../../results/joint-effect.ts";

/** A head's name and effect; null was not observed and has no mass. */
export interface HeadMass {
  label: string;
  effect: number | null;
}

/**
 * Strongest heads by |effect| whose mass reaches a share of the total, and, as the authors' figures do, those whose cumulative mass stays
 * within it. Ties in order of appearance. @throws RangeError for a share outside (0, 1]
 */
export function massRule(heads: readonly HeadMass[], share: number): MassView {
  if (!(share > 0 && share <= 1)) throw new RangeError(`share of the mass: ${share} (allowed: above 0 to 1)`);
  const order = heads
    .map(({ label, effect }) => ({ label, mass: Math.abs(effect ?? 0) }))
    .filter(({ mass }) => mass > 0)
    .sort((a, b) => b.mass - a.mass);
  const target = share * order.reduce((total, { mass }) => total + mass, 0);
  // The same masses in another order sum to another last digit: without slack share 1 could ask for more than there is.
  const slack = 1e-12 * target;
  const [reaching, within]: [string[], string[]] = [[], []];
  let before = 0;
  for (const { label, mass } of order) {
    if (before < target - slack) reaching.push(label);
    before += mass;
    if (before <= target + slack) within.push(label);
  }
  return { share, reaching, within };
}
