import type { Difference } from "@recallscope/engine";
import { keyNumbers } from "../../run-comparison/key-numbers.ts";
import type { StoredComparison } from "../../run-comparison/stored-comparison.ts";
import { boolean, fill, integer, number, type Table, text } from "../table.ts";
import { type OfRun, ofRun, runColumns } from "./run-columns.ts";

export const runsTable = (comparison: StoredComparison): Table =>
  fill<OfRun>(
    { name: "runs", title: "Runs that are compared" },
    [
      ...runColumns<OfRun>(),
      boolean("baseline", "whether the others are compared with it", (r) => r.place === comparison.baseline),
      text("model", "model", ({ report }) => report.receipt.model.name),
      text("task", "task", ({ report }) => report.receipt.taskId),
      integer("shots", "demonstrations before the question", ({ report }) => report.receipt.settings.shots),
      integer("seed", "seed of every draw", ({ report }) => report.receipt.settings.seed),
      integer("facts_known", "facts that the model knows", ({ report }) => report.task.factsKnown),
      integer("facts_total", "facts of the task", ({ report }) => report.task.factsTotal),
      text("weights_sha256", "hash of the weights", ({ report }) => report.receipt.model.weightHash),
    ],
    comparison.runs.map((_, place) => ofRun(comparison, place)),
  );

export function differencesTable(comparison: StoredComparison): Table {
  const rows = comparison.differences.flatMap((difference) =>
    comparison.runs.map((_, place) => ({ ...ofRun(comparison, place), difference })),
  );
  const of = (read: (difference: Difference) => string | boolean) => (row: (typeof rows)[number]) =>
    read(row.difference);
  return fill<(typeof rows)[number]>(
    { name: "differences", title: `What differs besides the axis ${comparison.axis}` },
    [
      text(
        "difference",
        "what differs",
        of(({ name }) => name),
      ),
      boolean(
        "prevents",
        "whether the numbers do not mean the same",
        of(({ prevents }) => prevents),
      ),
      ...runColumns<(typeof rows)[number]>(),
      text("value", "what the run has", ({ difference, place }) => difference.values[place]!),
      text(
        "why",
        "what it means for the comparison",
        of(({ why }) => why),
      ),
    ],
    rows,
  );
}

export function keyNumbersTable(comparison: StoredComparison): Table {
  const rows = keyNumbers(
    comparison.runs.map(({ report }) => report),
    comparison.baseline,
  ).flatMap((numbers) =>
    numbers.cells.map((cell, place) => ({ ...ofRun(comparison, place), ...cell, numbers })),
  );
  return fill<(typeof rows)[number]>(
    { name: "key-numbers", title: "Key numbers, each on the run's own facts" },
    [
      text("quantity", "what is measured", ({ numbers }) => numbers.name),
      text("unit", "unit", ({ numbers }) => numbers.unit),
      ...runColumns<(typeof rows)[number]>(),
      number("value", "the number", ({ value }) => value),
      number("low", "lower bound of its 95 % interval over facts", (r) => r.estimate?.low ?? null),
      number("high", "upper bound of its 95 % interval over facts", (r) => r.estimate?.high ?? null),
      integer("n", "facts behind it; empty for counts and medians", (r) => r.estimate?.n ?? null),
      text("name", "the name, where it is one", (r) => r.text),
      number("delta", "run minus baseline, each on its own facts", ({ delta }) => delta),
      boolean("apart", "whether the two intervals have no point in common", ({ apart }) => apart),
    ],
    rows,
  );
}
