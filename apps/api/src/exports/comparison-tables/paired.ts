import { centreOfMassDelta, depthDistance } from "@recallscope/engine";
import type { StoredComparison } from "../../run-comparison/stored-comparison.ts";
import { estimate, fill, integer, list, number, type Table, text } from "../table.ts";
import { ofRun, others, runColumns } from "./run-columns.ts";

export async function metricsTable(comparison: StoredComparison): Promise<Table> {
  const rows = await each(comparison, async (place) => comparison.metrics(place));
  return fill<(typeof rows)[number]>(
    { name: "metrics", title: "Metrics against the baseline, paired by prompt" },
    [
      ...runColumns<(typeof rows)[number]>(),
      text("metric", "metric", ({ item }) => item.metric),
      text("unit", "unit", ({ item }) => item.unit),
      estimate("baseline", "the baseline's, on the facts it knows", ({ item }) => item.a),
      estimate("own", "the run's, on the facts it knows", ({ item }) => item.b),
      estimate("shared_baseline", "the baseline's, on prompts of both", ({ item }) => item.sharedA),
      estimate("shared_own", "the run's, on prompts of both", ({ item }) => item.sharedB),
      estimate("delta", "run minus baseline on prompts of both", ({ item }) => item.delta),
      number("p_value", "two-sided sign-flip test of the difference over facts", ({ item }) => item.pValue),
      number("correlation", "Pearson correlation over shared facts", ({ item }) => item.correlation),
    ],
    rows,
  );
}

export async function headsTable(comparison: StoredComparison): Promise<Table> {
  const rows = await each(comparison, async (place) => {
    const heads = await comparison.heads(place);
    return Array.isArray(heads) ? heads : [];
  });
  return fill<(typeof rows)[number]>(
    { name: "heads", title: "Patching effects against the baseline, runs of its model" },
    [
      ...runColumns<(typeof rows)[number]>(),
      text("head_label", "layer and head", ({ item }) => item.label),
      estimate("baseline", "effect in the baseline, normalised", ({ item }) => item.a),
      estimate("own", "effect in the run, normalised", ({ item }) => item.b),
      estimate("delta", "run minus baseline on the pairs that both have", ({ item }) => item.delta),
    ],
    rows,
  );
}

/** What is paired, and how far the effects of heads moved in depth. */
export async function pairingTable(comparison: StoredComparison): Promise<Table> {
  const rows = await each(comparison, async (place) => [
    {
      pairing: await comparison.pairing(place),
      distance: depthDistance(
        (await comparison.row(comparison.baseline)).depth,
        (await comparison.row(place)).depth,
      ),
    },
  ]);
  return fill<(typeof rows)[number]>(
    { name: "pairing", title: "What of each run is paired with the baseline" },
    [
      ...runColumns<(typeof rows)[number]>(),
      integer("shared_facts", "facts that both know", ({ item }) => item.pairing.shared.size),
      integer("shared_prompts", "prompts of shared facts in both", (r) => r.item.pairing.sharedPrompts),
      integer("prompts_only_baseline", "only in the baseline", (r) => r.item.pairing.promptsOnlyA),
      integer("prompts_only_own", "only in the run", (r) => r.item.pairing.promptsOnlyB),
      text("problem", "why nothing can be paired", ({ item }) => item.pairing.problem),
      number("depth_distance", "area between the cumulative mass curves over depth", (r) => r.item.distance),
      estimate("centre_of_mass_delta", "how much deeper its effects lie, share of the depth", ({ item }) =>
        centreOfMassDelta(item.pairing),
      ),
    ],
    rows,
  );
}

export async function matchingTable(comparison: StoredComparison): Promise<Table> {
  const rows = await each(comparison, async (place) => comparison.matching(place, 0).pairs);
  return fill<(typeof rows)[number]>(
    { name: "matching", title: "Heads matched with the baseline's by what they do" },
    [
      ...runColumns<(typeof rows)[number]>(),
      text("baseline_head", "head of the baseline", ({ item }) => item.a),
      text("head", "head of the run that does alike", ({ item }) => item.b),
      number("distance", "of their profiles, in pooled standard deviations", ({ item }) => item.distance),
    ],
    rows,
  );
}

export async function matchingCostTable(comparison: StoredComparison): Promise<Table> {
  const rows = await each(comparison, async (place) => [
    comparison.matching(place, comparison.usualPermutations(place)),
  ]);
  return fill<(typeof rows)[number]>(
    { name: "matching-cost", title: "Cost of matching heads, beside what chance gives" },
    [
      ...runColumns<(typeof rows)[number]>(),
      list("features", "what a head's profile consists of", ({ item }) => item.features),
      number("cost", "mean distance of the pairs", ({ item }) => item.cost),
      number("random_cost", "mean distance when heads are paired by chance", ({ item }) => item.randomCost),
      number(
        "shuffled_cost",
        "mean over shuffles of what heads do",
        (r) => r.item.shuffledCost?.mean ?? null,
      ),
      number("shuffled_cost_low", "lower bound of their 95 % range", (r) => r.item.shuffledCost?.low ?? null),
      number("shuffled_cost_high", "upper bound", ({ item }) => item.shuffledCost?.high ?? null),
      number("p_value", "share of shuffles at most as expensive", ({ item }) => item.pValue),
      integer("permutations", "shuffles", ({ item }) => item.permutations),
      text("reason", "why there is no assignment", ({ item }) => item.reason ?? null),
    ],
    rows,
  );
}

/** Rows of every run but the baseline. */
async function each<T>(comparison: StoredComparison, of: (place: number) => Promise<readonly T[]>) {
  const lists = await Promise.all(
    others(comparison).map(async (place) => ({ place, items: await of(place) })),
  );
  return lists.flatMap(({ place, items }) => items.map((item) => ({ ...ofRun(comparison, place), item })));
}
