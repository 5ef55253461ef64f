import { KNOWN_FILTER_LABELS } from "@/format/runs.ts";
import type { ComparedRun } from "./queries.ts";

export interface Difference {
  name: string;
  /** Value of each run, in the order of the page. */
  values: string[];
  why: string;
  /** The numbers do not mean the same: comparing them would mislead. */
  serious: boolean;
}

const CHECKS: { name: string; why: string; serious: boolean; of: (run: ComparedRun) => string | null }[] = [
  {
    name: "Engine semantics",
    why: "hooks or metrics changed their meaning between the versions",
    serious: true,
    of: (run) => (run.receipt ? `version ${run.receipt.semanticsVersion}` : null),
  },
  {
    name: "Known-fact filter",
    why: "mechanisms are measured on different sets of facts",
    serious: false,
    of: (run) => KNOWN_FILTER_LABELS[run.settings.knownFilter],
  },
  {
    name: "Lead-ins",
    why: "the facts are asked in different numbers of frames",
    serious: false,
    of: (run) => String(run.settings.leadIns),
  },
  {
    name: "Seed",
    why: "donors and examples were drawn differently",
    serious: false,
    of: (run) => String(run.settings.seed),
  },
  {
    name: "Bootstrap samples",
    why: "intervals are resolved differently",
    serious: false,
    of: (run) => String(run.settings.bootstrapSamples),
  },
  {
    name: "Engine version",
    why: "the code that measured differs",
    serious: false,
    of: (run) => run.receipt?.engineVersion ?? null,
  },
  {
    name: "Compute precision",
    why: "rounding differs",
    serious: false,
    of: (run) => run.receipt?.computeDtype ?? null,
  },
  { name: "Device", why: "rounding differs", serious: false, of: (run) => run.receipt?.device ?? null },
];

/** What differs between runs besides model, task and shots, and what makes two runs of one model or task unequal. */
export function differences(runs: readonly ComparedRun[]): Difference[] {
  const found: Difference[] = [];
  for (const { name, why, serious, of } of CHECKS) {
    const values = runs.map((run) => of(run) ?? "unknown");
    if (new Set(values).size > 1) found.push({ name, values, why, serious });
  }
  const same = (key: (run: ComparedRun) => string, hash: (run: ComparedRun) => string | undefined) =>
    runs.some((run) => runs.some((other) => key(run) === key(other) && hash(run) !== hash(other)));
  if (
    same(
      (run) => run.task.slug,
      (run) => run.receipt?.taskHash,
    )
  ) {
    found.push({
      name: "Task version",
      values: runs.map((run) => run.receipt?.taskHash.slice(0, 8) ?? "unknown"),
      why: "facts or frames of a task changed between the runs",
      serious: true,
    });
  }
  if (
    same(
      (run) => run.model.name,
      (run) => run.receipt?.model.weightHash,
    )
  ) {
    found.push({
      name: "Weights",
      values: runs.map((run) => run.receipt?.model.weightHash.slice(0, 8) ?? "unknown"),
      why: "the files behind one model name changed",
      serious: true,
    });
  }
  const known = knownFacts(runs);
  if (known) found.push(known);
  return found;
}

/** Runs of one task whose models know different facts are compared on different facts. */
function knownFacts(runs: readonly ComparedRun[]): Difference | null {
  if (new Set(runs.map((run) => run.task.slug)).size > 1) return null;
  const sets = runs.map((run) =>
    (run.taskReport?.facts ?? []).filter(({ known }) => known).map(({ subject }) => subject),
  );
  if (new Set(sets.map((set) => [...set].sort().join("|"))).size <= 1) return null;
  const [first = [], ...others] = sets;
  const shared = first.filter((subject) => others.every((set) => set.includes(subject)));
  return {
    name: "Known facts",
    values: sets.map((set) => String(set.length)),
    why: `each run speaks of the facts its model knows; ${shared.length} are common to all`,
    serious: false,
  };
}
