"use client";
import { useCallback } from "react";
import { Figure } from "@/charts/figure.tsx";
import { type DrawPlot, PlotFigure } from "@/charts/plot-figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { formatDecimal, formatPValue } from "@/format/numbers.ts";
import type { Comparison, Overlap } from "./queries.ts";
import type { Series } from "./series.ts";

/** A cell of the matrix: right of the diagonal what two runs share at the top, left of it how alike they rank all heads. */
interface Cell {
  row: string;
  column: string;
  kind: "jaccard" | "spearman" | "itself";
  value: number | null;
  overlap: Overlap["overlap"] | null;
}

/** Which heads every two runs share at the top, against what chance gives. */
export function OverlapFigure(props: { comparison: Comparison; series: readonly Series[] }) {
  const { comparison, series } = props;
  const draw = useCallback<DrawPlot>(
    (plot, width) => overlapMatrix(plot, width, cellsOf(comparison.overlaps, series), series),
    [comparison, series],
  );
  return (
    <Figure
      about={EXPLANATIONS.headOverlap}
      name="compare-head-overlap"
      caption="Above the diagonal: Jaccard index of the top heads, with what chance gives. Below: Spearman correlation of the effects of all heads."
      table={() => tableOf(comparison.overlaps, series)}
    >
      <PlotFigure
        label={EXPLANATIONS.headOverlap.title}
        height={series.length * ROW_HEIGHT + TOP + 8}
        draw={draw}
      />
    </Figure>
  );
}

const ROW_HEIGHT = 46;
const TOP = 24;

function cellsOf(overlaps: readonly Overlap[], series: readonly Series[]): Cell[] {
  const name = (place: number) => series[place]?.name ?? "";
  return [
    ...series.map(
      (each): Cell => ({ row: each.name, column: each.name, kind: "itself", value: null, overlap: null }),
    ),
    ...overlaps.flatMap(({ a, b, overlap }): Cell[] => [
      { row: name(a), column: name(b), kind: "jaccard", value: overlap.jaccard, overlap },
      { row: name(b), column: name(a), kind: "spearman", value: overlap.spearman, overlap },
    ]),
  ];
}

function overlapMatrix(
  plot: Parameters<DrawPlot>[0],
  width: number,
  cells: readonly Cell[],
  series: readonly Series[],
): ReturnType<DrawPlot> {
  const names = series.map(({ name }) => name);
  const longest = Math.max(...names.map((name) => name.length));
  const marginLeft = Math.min(Math.round(width / 3), longest * 6.4 + 16);
  const room = (width - marginLeft) / names.length;
  const short = (name: string) =>
    name.length * 6.4 > room - 8 ? `${name.slice(0, Math.max(2, Math.floor(room / 6.4) - 2))}…` : name;
  const place = { x: "column", y: "row" } as const;
  return {
    marginLeft,
    marginTop: TOP,
    marginBottom: 4,
    marginRight: 4,
    x: { domain: names, label: null, padding: 0.03, axis: "top", tickSize: 0, tickFormat: short },
    y: { domain: names, label: null, padding: 0.06, tickSize: 0 },
    marks: [
      plot.cell(cells, {
        ...place,
        rx: 3,
        fill: (cell: Cell) =>
          cell.kind === "jaccard" && cell.value !== null ? "var(--series-1)" : "var(--sunken)",
        // At most half, so that the ink of the numbers keeps its contrast in both themes.
        fillOpacity: (cell: Cell) =>
          cell.kind === "jaccard" && cell.value !== null ? 0.04 + 0.46 * cell.value : 1,
        title: tipOf,
      }),
      plot.text(cells, {
        ...place,
        text: (cell: Cell) =>
          cell.kind === "itself"
            ? ""
            : cell.value === null
              ? "–"
              : `${cell.kind === "spearman" ? "ρ " : ""}${formatDecimal(cell.value)}`,
        fill: "var(--ink)",
        fontSize: 12.5,
        dy: -6,
        pointerEvents: "none",
      }),
      plot.text(cells, {
        ...place,
        text: (cell: Cell) => detailOf(cell, room),
        fill: "var(--ink-2)",
        fontSize: 10.5,
        dy: 9,
        pointerEvents: "none",
      }),
    ],
  };
}

function detailOf({ kind, value, overlap }: Cell, room: number): string {
  if (kind !== "jaccard" || !overlap) return "";
  if (value === null || overlap.chance === null) return room > 110 ? "other model" : "";
  const chance = `chance ${formatDecimal(overlap.chance)}`;
  return room > 150 && overlap.pValue !== null
    ? `${chance}, ${formatPValue(overlap.pValue)}`
    : room > 76
      ? chance
      : "";
}

function tipOf({ row, column, kind, overlap }: Cell): string {
  if (!overlap) return `${row}\nthe same run`;
  const title = `${row} and ${column}`;
  if (kind === "spearman" ? overlap.spearman === null : overlap.jaccard === null)
    return `${title}\n${overlap.reason ?? "not observed"}`;
  if (kind === "spearman")
    return `${title}\nSpearman correlation\t${formatDecimal(overlap.spearman ?? 0)}\nover the effects of all heads`;
  const shared = sharedHeads(overlap);
  return [
    title,
    `Jaccard index\t${formatDecimal(overlap.jaccard ?? 0)}`,
    `chance\t${formatDecimal(overlap.chance ?? 0)}`,
    `as many by chance\t${formatPValue(overlap.pValue)}`,
    `in both\t${overlap.common} of ${overlap.headsA.length} and ${overlap.headsB.length}`,
    shared.join(", "),
  ].join("\n");
}

const sharedHeads = ({ headsA, headsB }: Overlap["overlap"]): string[] =>
  headsA.filter((head) => headsB.includes(head));

const tableOf = (overlaps: readonly Overlap[], series: readonly Series[]) => ({
  columns: [
    "run",
    "other run",
    "k",
    "in both",
    "Jaccard",
    "chance",
    "p",
    "Spearman",
    "heads in both",
    "reason",
  ],
  rows: overlaps.map(({ a, b, overlap }) => [
    series[a]?.name ?? "",
    series[b]?.name ?? "",
    overlap.k,
    overlap.jaccard === null ? null : overlap.common,
    overlap.jaccard,
    overlap.chance,
    overlap.pValue,
    overlap.spearman,
    overlap.jaccard === null ? null : sharedHeads(overlap).join(" "),
    overlap.reason ?? "",
  ]),
});
