import { formatEstimate } from "@/format/estimates.ts";
import { headLabel } from "@/format/heads.ts";
import { escaped } from "@/format/markup.ts";
import type { Unit } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import { type ColorScale, prefersDarkText } from "./color-scale.ts";
import type { HeatMapLayout } from "./heat-map-layout.ts";

export interface HeatMapCell {
  layer: number;
  head: number;
  estimate: Estimate;
  /** The whole tooltip: first line the head's label, then `name<tab>value` lines. */
  tip: string;
}

export interface HeatMapCells {
  heads: number;
  unit: Unit;
  /** By layer, then head. */
  cells: readonly HeatMapCell[];
  scale: ColorScale;
  /** Labels of heads that carry a dot (movers). */
  marked: ReadonlySet<string> | undefined;
  layout: HeatMapLayout;
  /** Id of the pattern that fills cells without a value. */
  hatch: string;
}

/**
 * The cells as SVG, a row of the grid for each layer. They are written as text: a page has thousands of them, which never change one by
 * one, and a component for each takes longer than everything else about them.
 */
export function cellsMarkup({ heads, cells, ...props }: HeatMapCells): string {
  const rows: string[] = [];
  for (let at = 0; at < cells.length; at += heads) {
    const row = cells.slice(at, at + heads).map((cell) => cellMarkup(cell, props));
    rows.push(`<g role="row" tabindex="-1" class="outline-none">${row.join("")}</g>`);
  }
  return rows.join("");
}

function cellMarkup(cell: HeatMapCell, props: Omit<HeatMapCells, "heads" | "cells">): string {
  const { layout, unit, scale } = props;
  const { layer, head, estimate } = cell;
  const label = headLabel(layer, head);
  const marked = props.marked?.has(label) ?? false;
  const x = layout.left + head * layout.cellWidth;
  const y = layout.top + layer * layout.cellHeight;
  const width = layout.cellWidth - layout.gap;
  const height = layout.cellHeight - layout.gap;
  const color = estimate.value === null ? `url(#${props.hatch})` : scale.color(estimate.value);
  const name = `${label}: ${formatEstimate(estimate, unit)}${marked ? ", mover" : ""}`;
  const rect =
    `<rect role="gridcell" aria-label="${escaped(name)}" tabindex="${layer === 0 && head === 0 ? 0 : -1}" ` +
    `data-label="${label}" data-tip="${escaped(cell.tip)}" x="${x}" y="${y}" width="${width}" height="${height}" ` +
    `rx="${Math.min(3, width / 5)}" fill="${color}"/>`;
  const value = layout.printsValues ? estimate.value : null;
  if (value === null && !marked) return rect;
  const ink = estimate.value === null || !prefersDarkText(color) ? "#ffffff" : "#12161b";
  const text =
    value === null
      ? ""
      : `<text x="${x + width / 2}" y="${y + height / 2}" fill="${ink}" font-size="10.5" text-anchor="middle" ` +
        `dominant-baseline="central" pointer-events="none" aria-hidden="true">${cellText(value, unit)}</text>`;
  const radius = Math.max(1.4, Math.min(2.6, height / 6));
  const dot =
    `<circle cx="${x + width - radius - 2}" cy="${y + radius + 2}" r="${radius}" fill="${ink}" ` +
    `pointer-events="none" aria-hidden="true"/>`;
  return rect + text + (marked ? dot : "");
}

const cellText = (value: number, unit: Unit): string =>
  unit === "share" || unit === "probability"
    ? String(Math.round(value * 100))
    : value
        .toFixed(2)
        .replace(/^-0\.00$/, "0.00")
        .replace("-", "−");
