import type { Figure } from "../results/figure.ts";
import type { OvCircuitReport, OvHead } from "../results/ov-circuit.ts";

/** The three scores at the largest k; dots where the interval lies above chance. */
export function ovFigures(
  { heads, ks, chance, tokens, pairs, context }: OvCircuitReport,
  model: { layers: number; headsPerLayer: number },
): Figure[] {
  const last = ks.length - 1;
  const behind = context === "none" ? "alone" : "behind the start token";
  const map = (
    key: "copying" | "negativeCopying" | "transfer",
    title: string,
    what: string,
    n: string,
    formula: string,
  ): Figure => ({
    kind: "HEADS",
    id: key,
    title,
    unit: "share",
    unitText: `share of ${n}`,
    meaning: `${what} Chance is ${chance[last]!.toPrecision(2)}; dots lie above it with their interval. Tokens are seen ${behind}.`,
    formula,
    source: "Wang et al. 2023",
    ...model,
    cells: heads.map((head) => head[key][last]!),
    marked: heads
      .filter((head: OvHead) => (head[key][last]!.low ?? 0) > chance[last]!)
      .map(({ label }) => label),
  });
  const k = ks[last]!;
  return [
    map(
      "copying",
      "Copying",
      "Share of subjects' tokens that the head's OV circuit turns into themselves.",
      `${tokens} subject tokens`,
      `v among the top ${k} of lens(ln1(x_v) W_V W_O)`,
    ),
    map(
      "transfer",
      "Transfer",
      "Share of facts whose subject's token the head's OV circuit turns into the answer.",
      `${pairs} subjects and answers`,
      `y among the top ${k} of lens(ln1(x_v) W_V W_O)`,
    ),
    map(
      "negativeCopying",
      "Negative copying",
      "Share of subjects' tokens that the head's OV circuit takes away.",
      `${tokens} subject tokens`,
      `v among the top ${k} of lens(-ln1(x_v) W_V W_O)`,
    ),
  ];
}
