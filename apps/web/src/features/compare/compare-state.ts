import { oneOf, type SetUrlState } from "@/state/url-state.ts";

/** Parameters of the page's address. What names the runs comes first; the rest is how they are shown. */
export const COMPARE_DEFAULTS = {
  /** Ids of the runs, separated by commas; what else people write for runs is understood, and replaced by ids. */
  runs: "",
  /** Id of the baseline; empty: the first run. */
  base: "",
  /** Empty: whatever the runs differ in. */
  axis: "",
  /** `1`: although their numbers do not mean the same. */
  force: "",
  /** Id of the saved comparison that is looked at. */
  saved: "",
  head: "",
  metric: "effect",
  curve: "answer",
  measure: "probability",
  scale: "depth",
  layout: "overlay",
  match: "",
} as const;

export type CompareKey = keyof typeof COMPARE_DEFAULTS;
export type CompareValues = Record<CompareKey, string>;
export type SetCompare = SetUrlState<CompareKey>;

/** Ids of the runs that an address names, each once. */
export const chosenIds = ({ runs }: Pick<CompareValues, "runs">): string[] => [
  ...new Set(
    runs
      .split(/[,\s]+/)
      .map((name) => name.trim())
      .filter(Boolean),
  ),
];

/** The same address with ids in place of what a person wrote for runs; null where it has ids only. */
export function withIds(
  { runs, base }: Pick<CompareValues, "runs" | "base">,
  named: Readonly<Record<string, string>>,
): Pick<CompareValues, "runs" | "base"> | null {
  const ids = [...new Set(chosenIds({ runs }).map((name) => named[name] ?? name))].join(",");
  const baseline = named[base] ?? base;
  return ids === runs && baseline === base ? null : { runs: ids, base: baseline };
}

/** Adds a run, or takes it away when it is there. */
export const toggleRun =
  (id: string) =>
  (now: Pick<CompareValues, "runs">): Pick<CompareValues, "runs"> => {
    const ids = chosenIds(now);
    return { runs: (ids.includes(id) ? ids.filter((each) => each !== id) : [...ids, id]).join(",") };
  };

/** What names the runs is kept by a saved comparison itself; the other parameters are its `state`. */
const NOT_STATE: readonly string[] = ["runs", "base", "saved"];

/** How the page shows its runs, as a saved comparison keeps it: the address without the runs, non-defaults only. */
export function stateOf(values: CompareValues): string {
  const state = new URLSearchParams();
  for (const [key, value] of Object.entries(values))
    if (!NOT_STATE.includes(key) && value !== COMPARE_DEFAULTS[key as CompareKey]) state.set(key, value);
  return state.toString();
}

/** The parameters in a saved state; unknown ones, of another version of the page, are left out. */
export function valuesOfState(state: string): Partial<CompareValues> {
  const known = Object.keys(COMPARE_DEFAULTS).filter((key) => !NOT_STATE.includes(key));
  return Object.fromEntries([...new URLSearchParams(state)].filter(([key]) => known.includes(key)));
}

/** Metrics of a head that the page can lay side by side. */
export const COMPARED_METRICS = ["effect", "attentionToSubject", "dlaSubject", "dlaAnswer"] as const;
export type ComparedMetric = (typeof COMPARED_METRICS)[number];

export const AXES = ["MODEL", "TASK", "SHOTS", "SETTINGS", "ENGINE"] as const;
export type Axis = (typeof AXES)[number];
export const axisOf = (value: string): Axis | null => AXES.find((axis) => axis === value) ?? null;

export const CURVES = ["answer", "subject", "mass", "cumulative", "mlps"] as const;
export type CurveKind = (typeof CURVES)[number];
export const MEASURES = ["probability", "centredLogit"] as const;
export type Measure = (typeof MEASURES)[number];
export const SCALES = ["depth", "layer"] as const;
export type XScale = (typeof SCALES)[number];
export const LAYOUTS = ["overlay", "multiples"] as const;
export type Layout = (typeof LAYOUTS)[number];

/** How curves over layers are drawn. */
export interface CurveView {
  curve: CurveKind;
  measure: Measure;
  scale: XScale;
  layout: Layout;
}
export const curveViewOf = (values: CompareValues): CurveView => ({
  curve: oneOf(values.curve, CURVES),
  measure: oneOf(values.measure, MEASURES),
  scale: oneOf(values.scale, SCALES),
  layout: oneOf(values.layout, LAYOUTS),
});
