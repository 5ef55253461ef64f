// biome-ignore-all lint/a11y/useSemanticElements: SVG has no element for a grid, its rows and cells
// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: the drawing is the grid
// biome-ignore-all lint/a11y/noStaticElementInteractions: cells are the group's, as text
// biome-ignore-all lint/a11y/noAriaHiddenOnFocusable: SVG shapes without a tab index are not focusable
"use client";
import { type KeyboardEvent, memo, useDeferredValue, useId, useLayoutEffect, useMemo, useRef } from "react";
import { headLabel, parseHead } from "@/format/heads.ts";
import type { Unit } from "@/format/numbers.ts";
import { layerMark, readMark } from "@/state/mark.ts";
import { useHovered, useSelection } from "@/state/selection.tsx";
import { type ColorScale, inkOn } from "./color-scale.ts";
import { useOnStage, useStageHeight } from "./figure-stage.ts";
import {
  cellPlace,
  cellsMarkup,
  type HeatMapCell,
  type HeatMapCells,
  relabelCells,
} from "./heat-map-cells.ts";
import { type HeatMapLayout, heatMapLayout } from "./heat-map-layout.ts";
import { pictureMarkup } from "./heat-map-picture.ts";

interface HeatMapProps {
  /** What the colours show; names the grid for screen readers. */
  label: string;
  unit: Unit;
  layers: number;
  heads: number;
  cells: readonly HeatMapCell[];
  scale: ColorScale;
  room: { width: number; height: number };
  compact?: boolean;
  /** Labels of heads that carry a dot (movers). */
  marked?: ReadonlySet<string>;
}

/**
 * Layer x head map: layer 0 on top, one tab stop, arrow keys move; Enter or a click chooses a head, with Shift one more, and a click on
 * a layer's number that layer. Hover and choice are shared with all figures.
 */
export function HeatMap(props: HeatMapProps) {
  const { layers, heads, room } = props;
  const { hover, select } = useSelection();
  const onStage = useOnStage();
  const compact = props.compact === true && !onStage;
  const height = useStageHeight(room.height);
  const layout = useMemo(
    () => heatMapLayout(layers, heads, { width: room.width, height, compact, roomy: onStage }),
    [layers, heads, room.width, height, compact, onStage],
  );
  const labelOf = (target: EventTarget) => (target as SVGElement).dataset.label ?? null;
  const choose = (label: string | null, add: boolean) => label && select(label, add);

  const { unit, cells, scale, marked } = props;
  const seen = useMemo(
    () => ({ heads, unit, cells, scale, marked, layout }),
    [heads, unit, cells, scale, marked, layout],
  );
  // Names and tooltips of thousands of cells would hold up their colours.
  const read = useDeferredValue(seen);

  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>) => {
    const cell = event.target as SVGElement;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return choose(labelOf(cell), event.shiftKey);
    }
    const next = neighbour(cell, event.key, layers, heads);
    if (!next) return;
    event.preventDefault();
    cell.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  };

  return (
    <svg
      width={layout.width}
      height={layout.height}
      role="grid"
      aria-label={`${props.label}, layer by head`}
      aria-busy={read !== seen}
      className="block overflow-visible text-ink-3"
      onKeyDown={onKeyDown}
      onPointerOver={(event) => hover.set(labelOf(event.target))}
      onPointerLeave={() => hover.set(null)}
      onFocus={(event) => hover.set(labelOf(event.target))}
      onBlur={() => hover.set(null)}
      onClick={(event) => choose(labelOf(event.target), event.shiftKey)}
    >
      <Axes layout={layout} layers={layers} heads={heads} compact={compact} />
      <Picture map={seen} />
      <Cells map={read} />
      <Overlay layout={layout} />
    </svg>
  );
}

function neighbour(cell: SVGElement, key: string, layers: number, heads: number): SVGElement | null {
  const at = parseHead(cell.dataset.label ?? "");
  if (!at) return null;
  const { layer, head } = at;
  const steps: Record<string, [number, number]> = {
    ArrowUp: [layer - 1, head],
    ArrowDown: [layer + 1, head],
    ArrowLeft: [layer, head - 1],
    ArrowRight: [layer, head + 1],
    Home: [layer, 0],
    End: [layer, heads - 1],
    PageUp: [0, head],
    PageDown: [layers - 1, head],
  };
  const to = steps[key];
  if (!to) return null;
  return cell.ownerSVGElement?.querySelector(`[data-label="${headLabel(to[0], to[1])}"]`) ?? null;
}

function Axes(props: { layout: HeatMapLayout; layers: number; heads: number; compact: boolean }) {
  const { layout, layers, heads, compact } = props;
  const every = (count: number, step: number) =>
    Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
  const size = compact ? 9.5 : 10.5;
  return (
    <g fill="currentColor" fontSize={size} aria-hidden="true">
      {every(layers, layout.rowStep).map((layer) => (
        <text
          key={layer}
          data-label={layerMark(layer)}
          data-tip={`Layer ${layer}\nclick to choose it`}
          className="cursor-pointer"
          x={layout.left - 6}
          y={layout.top + (layer + 0.5) * layout.cellHeight}
          textAnchor="end"
          dominantBaseline="central"
        >
          {layer}
        </text>
      ))}
      {every(heads, layout.columnStep).map((head) => (
        <text
          key={head}
          x={layout.left + (head + 0.5) * layout.cellWidth}
          y={layout.top - 6}
          textAnchor="middle"
        >
          {head}
        </text>
      ))}
      {!compact && (
        <>
          <text x={layout.left} y={9} fontSize={10}>
            head →
          </text>
          <text
            x={10}
            y={layout.top}
            fontSize={10}
            textAnchor="end"
            transform={`rotate(-90 10 ${layout.top})`}
            dominantBaseline="central"
          >
            ← layer
          </text>
        </>
      )}
    </g>
  );
}

/** The colours of all cells, marks and printed numbers. */
const Picture = memo(function Picture({ map }: { map: HeatMapCells }) {
  const { unit, layout, scale, marked } = map;
  const hatch = useId();
  const cells = map.cells.map((cell) => ({
    ...cellPlace(cell, layout),
    value: cell.estimate.value,
    marked: marked?.has(headLabel(cell.layer, cell.head)) ?? false,
  }));
  const { printsValues } = layout;
  const ink = (value: number) => inkOn(scale.color(value));
  const style = { fill: scale.color, ink, hatch, unit, printsValues };
  return (
    <>
      <pattern id={hatch} width={4} height={4} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0v4" stroke="var(--line-strong)" strokeWidth={1.4} />
      </pattern>
      <g
        data-picture
        aria-hidden="true"
        // biome-ignore lint/security/noDangerouslySetInnerHtml: numbers and colours, written by pictureMarkup
        dangerouslySetInnerHTML={{ __html: pictureMarkup(cells, style) }}
      />
    </>
  );
});

/** Written anew for another layout only; for other numbers the cells that are there take them. What had the focus, or would take it, still does. */
const Cells = memo(function Cells({ map }: { map: HeatMapCells }) {
  const { heads, cells, layout } = map;
  const group = useRef<SVGGElement>(null);
  const at = useRef<{ stop: string | null; focused: boolean }>({ stop: null, focused: false });
  const written = useRef<{ markup: string; map: HeatMapCells }>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other numbers are put into the cells that are there
  const markup = useMemo(() => cellsMarkup(map), [heads, layout, cells.length]);
  useLayoutEffect(() => {
    if (!group.current) return;
    const before = written.current;
    written.current = { markup, map };
    // Effects run anew when a tab is opened again.
    if (before?.map === map) return;
    if (before?.markup === markup) return relabelCells(group.current, map);
    const { stop, focused } = at.current;
    const cell = stop === null ? null : group.current.querySelector<SVGElement>(`[data-label="${stop}"]`);
    if (!cell) return;
    const first = group.current.querySelector<SVGElement>("[tabindex='0']");
    if (first) first.tabIndex = -1;
    cell.tabIndex = 0;
    if (focused) cell.focus();
  }, [markup, map]);
  return (
    <g
      ref={group}
      className="cursor-pointer"
      fill="none"
      pointerEvents="all"
      onFocus={({ target }) => {
        at.current = { stop: target.dataset.label ?? null, focused: true };
      }}
      onBlur={() => {
        at.current.focused = false;
      }}
      // biome-ignore lint/security/noDangerouslySetInnerHtml: written by cellsMarkup, which escapes what it takes
      dangerouslySetInnerHTML={{ __html: markup }}
    />
  );
});

/** Outlines of what is hovered and chosen; drawn apart so that moving the pointer repaints no cell. */
function Overlay({ layout }: { layout: HeatMapLayout }) {
  const hovered = useHovered();
  const { heads, layer } = useSelection();
  const chosen = [...heads.map(({ label }) => label), ...(layer === null ? [] : [layerMark(layer)])];
  return (
    <g fill="none" pointerEvents="none" aria-hidden="true">
      {chosen.map((mark, at) => (
        <g key={mark} data-chosen={mark}>
          <Outline mark={mark} layout={layout} width={at === 0 ? 2.2 : 1.6} />
        </g>
      ))}
      {hovered && !chosen.includes(hovered) && <Outline mark={hovered} layout={layout} width={1.2} />}
    </g>
  );
}

/** A frame around a head's cell or a layer's row. */
function Outline({ mark, layout, width }: { mark: string; layout: HeatMapLayout; width: number }) {
  const place = readMark(mark);
  if (!place || place.kind === "prompt") return null;
  const at = place.kind === "layer" ? { layer: place.layer, head: 0 } : parseHead(place.label);
  if (!at) return null;
  const x = layout.left + at.head * layout.cellWidth - 1;
  const y = layout.top + at.layer * layout.cellHeight - 1;
  if (y >= layout.height || x >= layout.width) return null;
  const cells = place.kind === "layer" ? layout.width - layout.left : layout.cellWidth;
  const size = {
    width: cells - layout.gap + 2,
    height: layout.cellHeight - layout.gap + 2,
    rx: Math.min(4, layout.cellWidth / 4),
  };
  return (
    <>
      <rect x={x} y={y} {...size} stroke="var(--surface)" strokeWidth={width * 2} />
      <rect x={x} y={y} {...size} stroke="var(--ink)" strokeWidth={width} />
    </>
  );
}
