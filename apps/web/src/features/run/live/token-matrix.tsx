// biome-ignore-all lint/a11y/noAriaHiddenOnFocusable: SVG shapes without a tab index are not focusable
// biome-ignore-all lint/a11y/useSemanticElements: SVG has no element for a grid, its rows and cells
// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: the drawing is the grid
"use client";
import { Fragment, type KeyboardEvent, useId, useMemo } from "react";
import { type ColorScale, inkOn } from "@/charts/color-scale.ts";
import { visibleToken } from "@/format/heads.ts";

export interface MatrixCell {
  value: number | null;
  /** First line what and where, then `name<tab>value` lines. */
  tip: string;
  /** For screen readers. */
  name: string;
}

interface TokenMatrixProps {
  label: string;
  rows: readonly { label: string; mark?: string | undefined; subject?: boolean }[];
  columns: readonly { token: string; subject: boolean }[];
  /** null: there is no such place, as after the position that looks. */
  cell: (row: number, column: number) => MatrixCell | null;
  scale: ColorScale;
  /** Printed into cells that are large enough. */
  print: (value: number) => string;
  room: { width: number; height: number };
  onSelect?: (mark: string) => void;
}

const CHARACTER = 6.7;

function layoutOf({ rows, columns, room }: TokenMatrixProps) {
  const texts = rows.map(({ label }) => label.length);
  const left = Math.min(110, 12 + Math.max(...texts, 2) * CHARACTER);
  const longest = Math.max(...columns.map(({ token }) => visibleToken(token).length), 1);
  const wide = (room.width - left - 8) / columns.length;
  // Upright words where they fit side by side, else slanted ones.
  const slanted = longest * CHARACTER + 6 > wide;
  const top = slanted ? Math.min(84, 14 + longest * CHARACTER * 0.72) : 22;
  const cellWidth = Math.max(9, Math.min(130, Math.floor(wide)));
  const cellHeight = Math.max(9, Math.min(34, Math.floor((room.height - top) / rows.length)));
  return {
    left,
    top,
    slanted,
    cellWidth,
    cellHeight,
    gap: Math.min(cellWidth, cellHeight) < 14 ? 1 : 2,
    width: left + columns.length * cellWidth + (slanted ? 40 : 0),
    height: top + rows.length * cellHeight,
    prints: cellWidth >= 40 && cellHeight >= 20,
    rowStep: Math.max(1, Math.ceil(11 / cellHeight)),
  };
}

/** A map whose columns are the tokens of a prompt: one tab stop, arrow keys move, tooltips everywhere. */
export function TokenMatrix(props: TokenMatrixProps) {
  const { rows, columns, cell, scale } = props;
  const layout = useMemo(() => layoutOf(props), [props]);
  const hatch = useId();
  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>) => {
    const at = event.target as SVGElement;
    const [row, column] = [Number(at.dataset.row), Number(at.dataset.column)];
    if ((event.key === "Enter" || event.key === " ") && at.dataset.mark) {
      event.preventDefault();
      return props.onSelect?.(at.dataset.mark);
    }
    const to = STEPS[event.key]?.(row, column, rows.length, columns.length);
    const next =
      to && at.ownerSVGElement?.querySelector<SVGElement>(`[data-row="${to[0]}"][data-column="${to[1]}"]`);
    if (!next) return;
    event.preventDefault();
    at.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };
  const middle = (column: number) => layout.left + (column + 0.5) * layout.cellWidth;
  return (
    <svg
      width={layout.width}
      height={layout.height}
      role="grid"
      aria-label={props.label}
      aria-rowcount={rows.length}
      aria-colcount={columns.length}
      data-export=""
      className="block overflow-visible text-ink-3"
      onKeyDown={onKeyDown}
      onClick={(event) => {
        const { mark } = (event.target as SVGElement).dataset;
        if (mark) props.onSelect?.(mark);
      }}
    >
      <pattern id={hatch} width={4} height={4} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0v4" stroke="var(--line-strong)" strokeWidth={1.4} />
      </pattern>
      <g fontSize={11} fontFamily="var(--font-mono)" aria-hidden="true">
        {columns.map(({ token, subject }, column) => (
          <text
            // biome-ignore lint/suspicious/noArrayIndexKey: a token's identity is its position
            key={column}
            x={middle(column)}
            y={layout.top - 7}
            textAnchor={layout.slanted ? "start" : "middle"}
            transform={layout.slanted ? `rotate(-45 ${middle(column)} ${layout.top - 7})` : undefined}
            fill={subject ? "var(--subject)" : "var(--ink-2)"}
            fontWeight={subject ? 600 : 400}
          >
            {visibleToken(token)}
          </text>
        ))}
      </g>
      {rows.map(({ label, mark, subject }, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row's identity is its place
        <g role="row" key={row} aria-rowindex={row + 1} tabIndex={-1} className="outline-none">
          {row % layout.rowStep === 0 && (
            <text
              x={layout.left - 7}
              y={layout.top + (row + 0.5) * layout.cellHeight}
              textAnchor="end"
              dominantBaseline="central"
              fontSize={11}
              fontFamily={mark ? undefined : "var(--font-mono)"}
              fill={subject ? "var(--subject)" : "var(--ink-2)"}
              aria-hidden="true"
            >
              {label}
            </text>
          )}
          {columns.map((_, column) => {
            const own = cell(row, column);
            if (!own) return null;
            const color = own.value === null ? `url(#${hatch})` : scale.color(own.value);
            const place = {
              x: layout.left + column * layout.cellWidth,
              y: layout.top + row * layout.cellHeight,
              width: layout.cellWidth - layout.gap,
              height: layout.cellHeight - layout.gap,
            };
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell's identity is its place
              <Fragment key={column}>
                <rect
                  role="gridcell"
                  aria-label={own.name}
                  aria-colindex={column + 1}
                  tabIndex={row === 0 && column === 0 ? 0 : -1}
                  data-row={row}
                  data-column={column}
                  data-mark={mark}
                  data-label={mark}
                  data-tip={own.tip}
                  {...place}
                  rx={Math.min(3, layout.cellHeight / 5)}
                  fill={color}
                  className={mark ? "cursor-pointer" : undefined}
                />
                {layout.prints && own.value !== null && (
                  <text
                    x={place.x + place.width / 2}
                    y={place.y + place.height / 2}
                    fontSize={10.5}
                    textAnchor="middle"
                    dominantBaseline="central"
                    fill={inkOn(color)}
                    pointerEvents="none"
                    aria-hidden="true"
                  >
                    {props.print(own.value)}
                  </text>
                )}
              </Fragment>
            );
          })}
        </g>
      ))}
    </svg>
  );
}

const STEPS: Record<
  string,
  (row: number, column: number, rows: number, columns: number) => readonly [number, number]
> = {
  ArrowUp: (row, column) => [row - 1, column],
  ArrowDown: (row, column) => [row + 1, column],
  ArrowLeft: (row, column) => [row, column - 1],
  ArrowRight: (row, column) => [row, column + 1],
  Home: (row) => [row, 0],
  End: (row, _, _rows, columns) => [row, columns - 1],
  PageUp: (_, column) => [0, column],
  PageDown: (_, column, rows) => [rows - 1, column],
};
