import type { StoredComparison } from "../../run-comparison/stored-comparison.ts";
import { estimate, fill, integer, list, number, type Table, text } from "../table.ts";
import { ofRun, runColumns } from "./run-columns.ts";

const rowsOf = (comparison: StoredComparison) =>
  Promise.all(
    comparison.runs.map(async (_, place) => ({
      ...ofRun(comparison, place),
      row: await comparison.row(place),
    })),
  );

export async function verdictsTable(comparison: StoredComparison): Promise<Table> {
  const rows = (await rowsOf(comparison)).flatMap(({ row, ...run }) =>
    row.verdicts.map((verdict) => ({ ...run, ...verdict })),
  );
  return fill<(typeof rows)[number]>(
    { name: "verdicts", title: "Steps of the mechanism: present, absent or inconclusive" },
    [
      ...runColumns<(typeof rows)[number]>(),
      text("step", "step of the mechanism", ({ step }) => step),
      text("quantity", "what speaks for it or against it", ({ quantity }) => quantity),
      text("unit", "unit", ({ unit }) => unit),
      estimate("estimate", "the number", (r) => r.estimate),
      text("expected", "which sign speaks for the step", ({ expected }) => expected),
      number("p_value", "of a permutation or sign-flip test", ({ pValue }) => pValue),
      text("verdict", "PRESENT, ABSENT or INCONCLUSIVE", ({ verdict }) => verdict),
      text("why", "why", ({ why }) => why),
    ],
    rows,
  );
}

export async function depthTable(comparison: StoredComparison): Promise<Table> {
  const rows = (await rowsOf(comparison)).flatMap(({ row, ...run }) =>
    row.depth.curve.map((point) => ({ ...run, ...point })),
  );
  return fill<(typeof rows)[number]>(
    { name: "depth", title: "Mass of head effects over relative depth" },
    [
      ...runColumns<(typeof rows)[number]>(),
      integer("layer", "layer", ({ layer }) => layer),
      number("depth", "(layer + 0.5) / layers", ({ depth }) => depth),
      number("share", "share of the mass in this layer", ({ share }) => share),
      number("cumulative", "share in all layers up to it", ({ cumulative }) => cumulative),
    ],
    rows,
  );
}

export async function concentrationTable(comparison: StoredComparison): Promise<Table> {
  const rows = await rowsOf(comparison);
  return fill<(typeof rows)[number]>(
    { name: "concentration", title: "How few heads carry the effects, and where" },
    [
      ...runColumns<(typeof rows)[number]>(),
      integer("heads", "heads of the model", ({ row }) => row.concentration.heads),
      number("effective_heads", "(sum |e|)^2 / sum e^2", ({ row }) => row.concentration.effectiveHeads),
      number("effective_share", "the same as a share of all", ({ row }) => row.concentration.effectiveShare),
      number("top1_share", "share of the largest head", ({ row }) => row.concentration.top1Share),
      number("top5_share", "share of the largest five", ({ row }) => row.concentration.top5Share),
      integer("heads_to_50", "least number that has half", ({ row }) => row.concentration.headsTo50),
      integer("heads_to_80", "least number that has 80 %", ({ row }) => row.concentration.headsTo80),
      estimate("centre_of_mass", "mean depth weighted by mass", ({ row }) => row.depth.centreOfMass),
      text("reason", "why numbers are missing", ({ row }) => row.concentration.reason ?? null),
    ],
    rows,
  );
}

export function overlapTable(comparison: StoredComparison): Table {
  const rows = comparison.pairs().map(({ a, b, overlap }) => ({
    ...overlap,
    a: ofRun(comparison, a),
    b: ofRun(comparison, b),
  }));
  return fill<(typeof rows)[number]>(
    { name: "overlap", title: "Top heads that every two runs share" },
    [
      integer("place_a", "place of the first run in the comparison, from 0", ({ a }) => a.place),
      text("run_a", "its key", ({ a }) => a.key),
      integer("place_b", "place of the second run", ({ b }) => b.place),
      text("run_b", "its key", ({ b }) => b.key),
      integer("k", "size of the sets: 10 or 2 % of all heads", ({ k }) => k),
      integer("common", "heads in both", ({ common }) => common),
      number("jaccard", "intersection over union", ({ jaccard }) => jaccard),
      number("chance", "what sets of these sizes drawn by chance have", ({ chance }) => chance),
      number("p_value", "hypergeometric chance of as many or more", ({ pValue }) => pValue),
      number("spearman", "rank correlation of all heads' effects", ({ spearman }) => spearman),
      list("heads_a", "top heads of the first", ({ headsA }) => headsA),
      list("heads_b", "top heads of the second", ({ headsB }) => headsB),
      text("reason", "why numbers are missing", ({ reason }) => reason ?? null),
    ],
    rows,
  );
}
