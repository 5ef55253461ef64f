import { formatEstimate } from "@/format/estimates.ts";
import { headLabel } from "@/format/heads.ts";
import { escaped } from "@/format/markup.ts";
import type { Unit } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import type { ColorScale } from "./color-scale.ts";
import type { HeatMapLayout } from "./heat-map-layout.ts";
import { cellRadius } from "./heat-map-picture.ts";

export interface HeatMapCell {
  layer: number;
  head: number;
  estimate: Estimate;
  /** The whole tooltip: first line the head's label, then `name<tab>value` lines. Asked for after the colours are drawn. */
  tip: () => string;
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
}

/** Corner and size of a cell, without the gap to its neighbours. */
export const cellPlace = ({ layer, head }: HeatMapCell, layout: HeatMapLayout) => ({
  x: layout.left + head * layout.cellWidth,
  y: layout.top + layer * layout.cellHeight,
  width: layout.cellWidth - layout.gap,
  height: layout.cellHeight - layout.gap,
});

/**
 * What is read, pointed at and focused, as SVG: a row of the grid for each layer, a cell without colour for each head. They are written
 * as text: a page has thousands of them, and a component for each takes longer than everything else about them.
 */
export function cellsMarkup(map: HeatMapCells): string {
  const { heads, cells, layout } = map;
  const rows: string[] = [];
  for (let at = 0; at < cells.length; at += heads) {
    const row = cells.slice(at, at + heads).map((cell) => {
      const { x, y, width, height } = cellPlace(cell, layout);
      const first = cell.layer === 0 && cell.head === 0;
      return (
        `<rect role="gridcell" aria-label="${escaped(nameOf(cell, map))}" tabindex="${first ? 0 : -1}" ` +
        `data-label="${headLabel(cell.layer, cell.head)}" data-tip="${escaped(cell.tip())}" ` +
        `x="${x}" y="${y}" width="${width}" height="${height}" rx="${cellRadius(width, height)}"/>`
      );
    });
    rows.push(`<g role="row" tabindex="-1" class="outline-none">${row.join("")}</g>`);
  }
  return rows.join("");
}

/** Lets cells that {@link cellsMarkup} wrote for another map of the same layout name the numbers of this one. */
export function relabelCells(group: SVGGElement, map: HeatMapCells): void {
  for (const [at, rect] of group.querySelectorAll("[role=gridcell]").entries()) {
    const cell = map.cells[at]!;
    rect.setAttribute("aria-label", nameOf(cell, map));
    rect.setAttribute("data-tip", cell.tip());
  }
}

function nameOf({ layer, head, estimate }: HeatMapCell, { unit, marked }: HeatMapCells): string {
  const label = headLabel(layer, head);
  return `${label}: ${formatEstimate(estimate, unit)}${marked?.has(label) ? ", mover" : ""}`;
}
