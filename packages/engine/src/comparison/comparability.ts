import type { Receipt } from "../results/receipt.ts";
import type { RunReport } from "../results/report.ts";
import { factKey } from "./run-facts.ts";

/** What a comparison is about: whatever else differs between its runs is named. */
export const COMPARISON_AXES = ["MODEL", "TASK", "SHOTS", "SETTINGS", "ENGINE"] as const;
export type ComparisonAxis = (typeof COMPARISON_AXES)[number];

/** The parts of a report that say what its numbers mean. */
export type Comparable = Pick<RunReport, "receipt" | "task"> & {
  prediction: { directLogitAttribution: { metric: string } };
  argumentPassing: Pick<RunReport["argumentPassing"], "corruption" | "metric" | "position">;
};

/** Something that differs between runs besides the axis. */
export interface Difference {
  /** In words, e.g. `known-fact filter`. */
  name: string;
  /** One per run, in their order. */
  values: string[];
  why: string;
  /** The numbers do not mean the same: comparing them misleads. */
  prevents: boolean;
}

interface Aspect {
  name: string;
  /** Runs compared along this axis are meant to differ in it; null: none are. */
  axis: ComparisonAxis | null;
  why: string;
  prevents: boolean;
  of: (run: Comparable) => string;
}

const setting =
  (name: keyof Receipt["settings"]) =>
  ({ receipt }: Comparable): string => {
    const value: unknown = receipt.settings[name];
    if (Array.isArray(value)) return value.join(", ") || "none";
    // Receipts of engines before this setting lack it.
    return value === undefined ? "unknown" : String(value);
  };
const short = (hash: string): string => hash.slice(0, 8);

/** In the order in which they are named. A new one is one entry. */
const ASPECTS: readonly Aspect[] = [
  {
    name: "semantics version",
    axis: null,
    why: "hooks or metrics changed their meaning between the versions",
    prevents: true,
    of: ({ receipt }) => String(receipt.semanticsVersion),
  },
  {
    name: "patching metric",
    axis: null,
    why: "effects of heads are measured in different numbers",
    prevents: true,
    of: ({ argumentPassing: { metric, corruption, position } }) => `${metric}, ${corruption}, ${position}`,
  },
  {
    name: "attribution metric",
    axis: null,
    why: "attributions are measured in different numbers",
    prevents: true,
    of: ({ prediction }) => prediction.directLogitAttribution.metric,
  },
  {
    name: "model",
    axis: "MODEL",
    why: "heads and layers of different models do not correspond",
    prevents: false,
    of: ({ receipt: { model } }) => `${model.name} (${short(model.weightHash)})`,
  },
  {
    name: "task",
    axis: "TASK",
    why: "the runs ask for different facts",
    prevents: true,
    of: ({ receipt }) => receipt.taskId,
  },
  {
    name: "shots",
    axis: "SHOTS",
    why: "questions come after different numbers of examples",
    prevents: false,
    of: setting("shots"),
  },
  {
    name: "known-fact filter",
    axis: "SETTINGS",
    why: "mechanisms are measured on different sets of facts",
    prevents: false,
    of: setting("knownFilter"),
  },
  {
    name: "lead-ins",
    axis: "SETTINGS",
    why: "facts are asked in different numbers of frames",
    prevents: false,
    of: setting("leadIns"),
  },
  {
    name: "seed",
    axis: "SETTINGS",
    why: "donors and examples were drawn differently",
    prevents: false,
    of: setting("seed"),
  },
  {
    name: "bootstrap samples",
    axis: "SETTINGS",
    why: "intervals are resolved differently",
    prevents: false,
    of: setting("bootstrapSamples"),
  },
  {
    name: "further analyses",
    axis: "SETTINGS",
    why: "evidence of analyses that only some runs made stands beside nothing",
    prevents: false,
    of: setting("analyses"),
  },
  {
    name: "sweep prompts",
    axis: "SETTINGS",
    why: "further analyses use different numbers of prompts",
    prevents: false,
    of: setting("sweepPrompts"),
  },
  {
    name: "sweep mode",
    axis: "SETTINGS",
    why: "screened sweeps patch some of the places only",
    prevents: false,
    // Receipts of an engine without it mean EXACT.
    of: ({ receipt }) => receipt.settings.sweepMode ?? "EXACT",
  },
  {
    name: "engine version",
    axis: "ENGINE",
    why: "the code that measured differs",
    prevents: false,
    of: ({ receipt }) => receipt.engineVersion,
  },
  {
    name: "compute precision",
    axis: "ENGINE",
    why: "rounding differs",
    prevents: false,
    of: ({ receipt }) => receipt.computeDtype,
  },
  {
    name: "device",
    axis: "ENGINE",
    why: "rounding differs",
    prevents: false,
    of: ({ receipt }) => receipt.device,
  },
  {
    name: "runtime",
    axis: "ENGINE",
    why: "rounding may differ",
    prevents: false,
    of: ({ receipt: { runtime } }) => `onnxruntime ${runtime.onnxruntime} on ${runtime.platform}`,
  },
];

/** What differs between runs besides the axis. Names alone make no difference: two names of the same weights are one model. */
export function differencesOf(runs: readonly Comparable[], axis: ComparisonAxis): Difference[] {
  const plain = ASPECTS.filter((aspect) => aspect.axis !== axis).flatMap(({ name, why, prevents, of }) => {
    const values = runs.map(of);
    const kinds = name === "model" ? runs.map(({ receipt }) => receipt.model.weightHash) : values;
    return new Set(kinds).size > 1 ? [{ name, values, why, prevents }] : [];
  });
  return [...plain, ...changedContents(runs, axis), ...knownFactsOf(runs)];
}

/** In this order, as runs that differ in the first ones are not comparable along the later ones. */
const AXES_BY_WEIGHT: readonly ComparisonAxis[] = ["TASK", "MODEL", "SHOTS", "SETTINGS"];

/** What runs differ in, to compare them along: the first of task, model, shots and settings; ENGINE for repetitions of one run. */
export const axisOf = (runs: readonly Comparable[]): ComparisonAxis =>
  AXES_BY_WEIGHT.find((axis) => new Set(runs.map((run) => contentOf(run, axis))).size > 1) ?? "ENGINE";

function contentOf(run: Comparable, axis: ComparisonAxis): string {
  const { taskHash, model } = run.receipt;
  // Names may stay while what they stand for changes, and change while it stays.
  if (axis === "TASK") return taskHash;
  if (axis === "MODEL") return `${model.weightHash} ${model.tokenizerHash}`;
  return JSON.stringify(ASPECTS.filter((aspect) => aspect.axis === axis).map(({ of }) => of(run)));
}

/** One name whose content changed between the runs. */
function changedContents(runs: readonly Comparable[], axis: ComparisonAxis): Difference[] {
  const changed = (name: (run: Comparable) => string, hash: (run: Comparable) => string) =>
    runs.some((run) => runs.some((other) => name(run) === name(other) && hash(run) !== hash(other)));
  const found: Difference[] = [];
  const add = (
    name: string,
    why: string,
    prevents: boolean,
    of: (run: Comparable) => string,
    hash: (run: Comparable) => string,
  ) => {
    if (changed(of, hash)) found.push({ name, values: runs.map((run) => short(hash(run))), why, prevents });
  };
  if (axis !== "TASK")
    add(
      "task version",
      "facts or frames of a task changed between the runs",
      true,
      ({ receipt }) => receipt.taskId,
      ({ receipt }) => receipt.taskHash,
    );
  if (axis !== "MODEL") {
    add(
      "weights",
      "the files behind one model name changed",
      true,
      ({ receipt }) => receipt.model.name,
      ({ receipt }) => receipt.model.weightHash,
    );
    add(
      "tokenizer",
      "the same weights read other tokens",
      true,
      ({ receipt }) => receipt.model.weightHash,
      ({ receipt }) => receipt.model.tokenizerHash,
    );
  }
  return found;
}

/** Runs of one task whose models know different facts: each speaks of its own, what is paired of those that both know. */
function knownFactsOf(runs: readonly Comparable[]): Difference[] {
  if (new Set(runs.map(({ receipt }) => receipt.taskId)).size > 1) return [];
  const sets = runs.map(({ task }) => new Set(task.facts.filter(({ known }) => known).map(factKey)));
  const common = [...(sets[0] ?? [])].filter((fact) => sets.every((set) => set.has(fact))).length;
  if (sets.every((set) => set.size === common)) return [];
  return [
    {
      name: "known facts",
      values: sets.map((set) => String(set.size)),
      why: `each run speaks of the facts that its model knows; ${common} are common to all`,
      prevents: false,
    },
  ];
}
