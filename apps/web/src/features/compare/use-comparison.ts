import { type CombinedError, type UseQueryExecute, useQuery } from "urql";
import { MOST_COMPARED } from "@/features/runs/links.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { useKept } from "@/state/use-kept.ts";
import { axisOf, type CompareValues, chosenIds } from "./compare-state.ts";
import { ChosenRunsQuery, type Comparison, ComparisonQuery, type Pairing, PairingQuery } from "./queries.ts";

/** Fewest and most runs that the server compares at once. */
export const COMPARED_RUNS = { min: 2, max: MOST_COMPARED };

export interface ChosenRuns {
  /** As the address names them: ids, and what a person pasted until the page has put ids in its place. */
  ids: readonly string[];
  /** Those that exist, in the order of the address. */
  found: RunRowData[];
  finished: RunRowData[];
  /** Names that mean no run (any more), or several, each with why; empty while that is not known. */
  lost: { given: string; problem: string }[];
  /** Id by name, of those that were found. */
  named: Readonly<Record<string, string>>;
  loading: boolean;
  error: CombinedError | undefined;
  retry: UseQueryExecute;
}

/** The runs that the address names, in any state. */
export function useChosenRuns(values: CompareValues): ChosenRuns {
  const ids = chosenIds(values);
  const [state, retry] = useQuery({
    query: ChosenRunsQuery,
    variables: { names: ids },
    pause: ids.length === 0,
  });
  const kept = useKept(state.data);
  const named = kept?.namedRuns ?? [];
  const meant = ids.flatMap((id) => named.find(({ given, run }) => given === id || run?.id === id) ?? []);
  const found = meant.flatMap(({ run }, place) =>
    run && meant.findIndex((other) => other.run?.id === run.id) === place ? [run] : [],
  );
  const loading = ids.length > 0 && (state.fetching || kept === undefined) && !state.error;
  return {
    ids,
    found,
    finished: found.filter(({ status }) => status === "SUCCEEDED"),
    lost:
      loading || state.error
        ? []
        : meant.flatMap(({ given, run, problem }) => (run ? [] : [{ given, problem: problem ?? "" }])),
    named: loading
      ? {}
      : Object.fromEntries(meant.flatMap(({ given, run }) => (run ? [[given, run.id]] : []))),
    loading: loading && found.length === 0,
    error: state.error,
    retry,
  };
}

/** What the comparison of some finished runs is asked with. */
export type ComparisonVariables = ReturnType<typeof comparisonVariables>;

export function comparisonVariables(finished: readonly { id: string }[], values: CompareValues) {
  const ids = finished.map(({ id }) => id);
  return {
    ids,
    axis: axisOf(values.axis),
    baseline: ids.includes(values.base) ? values.base : (ids[0] ?? null),
    force: values.force === "1",
  };
}

export interface ComparisonState {
  /** The newest answer; while another baseline or axis is on its way, the one before. */
  comparison: Comparison | undefined;
  /** Null until it is there: it takes longer than the comparison itself. */
  pairing: Pairing | null;
  pairingError: CombinedError | undefined;
  fetching: boolean;
  error: CombinedError | undefined;
  retry: UseQueryExecute;
}

/** The comparison as the server computes it. */
export function useComparison(variables: ComparisonVariables): ComparisonState {
  const count = variables.ids.length;
  const pause = count < COMPARED_RUNS.min || count > COMPARED_RUNS.max;
  const [state, retry] = useQuery({ query: ComparisonQuery, variables, pause });
  const [paired] = useQuery({ query: PairingQuery, variables, pause: pause || !state.data });
  const kept = useKept(state.data)?.compareRuns;
  const comparison = state.error || pause ? undefined : kept;
  const pairing = paired.data?.compareRuns ?? null;
  return {
    comparison,
    pairing: comparison && pairing && samePlaces(comparison, pairing) ? pairing : null,
    pairingError: paired.error,
    fetching: state.fetching,
    error: state.error,
    retry,
  };
}

/** Whether both are of the same runs with the same baseline. */
const samePlaces = (comparison: Comparison, pairing: Pairing): boolean =>
  comparison.runs.length === pairing.runs.length &&
  comparison.runs.every(
    ({ run, isBaseline }, place) =>
      pairing.runs[place]?.run.id === run.id && (pairing.runs[place].toBaseline === null) === isBaseline,
  );
