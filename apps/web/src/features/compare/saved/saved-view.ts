import { COMPARE_DEFAULTS, type CompareValues, stateOf, valuesOfState } from "../compare-state.ts";
import type { SavedComparison } from "./queries.ts";

type Kept = Pick<SavedComparison, "id" | "runs" | "baselineIndex" | "state">;

/** The page's parameters as a saved comparison keeps them; runs that were deleted are left out. */
export function valuesOfSaved({ id, runs, baselineIndex, state }: Kept): CompareValues {
  const there = runs.flatMap(({ run }) => (run ? [run.id] : []));
  const baseline = runs[baselineIndex]?.run?.id;
  return {
    ...COMPARE_DEFAULTS,
    ...valuesOfState(state),
    runs: there.join(","),
    base: baseline === undefined || baseline === there[0] ? "" : baseline,
    saved: id,
  };
}

/** Address that shows a saved comparison as it was saved. */
export function savedLink(saved: Kept): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(valuesOfSaved(saved)))
    if (value !== COMPARE_DEFAULTS[key as keyof CompareValues]) search.set(key, value);
  return `/compare?${search.toString().replaceAll("%2C", ",")}`;
}

/** Whether the page shows something else than was saved. */
export function differsFromSaved(values: CompareValues, saved: Kept): boolean {
  const kept = valuesOfSaved(saved);
  const baseline = ({ runs, base }: CompareValues) => base || runs.split(",")[0];
  return (
    values.runs !== kept.runs || baseline(values) !== baseline(kept) || stateOf(values) !== stateOf(kept)
  );
}

/** What is saved of the page. */
export function inputOf(values: CompareValues) {
  const runs = values.runs.split(",").filter(Boolean);
  return {
    runs,
    baseline: runs.includes(values.base) ? values.base : (runs[0] ?? null),
    state: stateOf(values),
  };
}
