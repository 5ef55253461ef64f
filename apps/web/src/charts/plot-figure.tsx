"use client";
import { type MouseEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { layerMark, markOfTip, promptMark } from "@/state/mark.ts";
import { useSelection } from "@/state/selection.tsx";
import { useWidth } from "@/state/use-size.ts";
import { useStageHeight } from "./figure-stage.ts";
import type { PlotLibrary, PlotOptions } from "./observable-plot.ts";

let library: PlotLibrary | null = null;

function usePlotLibrary(): PlotLibrary | null {
  const [loaded, setLoaded] = useState(library);
  useEffect(() => {
    if (library) return;
    void import("./observable-plot.ts").then(({ Plot }) => {
      library = Plot;
      setLoaded(Plot);
    });
  }, []);
  return loaded;
}

/** Narrower than this a chart has no room for its margins. */
const LEAST_WIDTH = 220;

/** Draws the chart for a width; keep it stable (`useCallback`), it is called again when it changes. */
export type DrawPlot = (plot: PlotLibrary, width: number) => PlotOptions;

/** A `title` that says which mark of the selection it stands for, where its first word does not. */
export const linked = (mark: string, tip: string): string => `${mark}\0${tip}`;

/**
 * A chart of a fixed height; on the full screen it takes what room there is. Marks with a `title` show it in the page's tooltip; one
 * whose first word is a head or an MLP (`L9H8`, `MLP9`), or that is `linked`, is hovered and chosen together with the other figures.
 */
export function PlotFigure(props: { label: string; height: number; draw: DrawPlot }) {
  const { label, draw } = props;
  const plot = usePlotLibrary();
  const [frame, width] = useWidth<HTMLDivElement>();
  const height = useStageHeight(props.height);
  const holder = useRef<HTMLDivElement>(null);
  const drawn = useRef<readonly unknown[]>([]);
  const { hover, select, heads, layer, prompt } = useSelection();

  useLayoutEffect(() => {
    if (!plot || !holder.current || width === null || width < LEAST_WIDTH) return;
    // Effects run anew when a tab is opened again, where the drawing still is.
    const input = [plot, width, height, draw, label, holder.current];
    if (input.every((value, at) => value === drawn.current[at])) return;
    drawn.current = input;
    const svg = plot.plot({
      width,
      style: { fontSize: "11px", background: "transparent", color: "var(--ink-3)" },
      ...draw(plot, width),
      height,
    });
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    titlesToTips(svg);
    holder.current.replaceChildren(svg);
  }, [plot, width, height, draw, label]);

  // After every rendering, as a new drawing begins without marks.
  useLayoutEffect(() => {
    const chosen = [
      ...heads.map((head) => head.label),
      ...(layer === null ? [] : [layerMark(layer)]),
      ...(prompt === null ? [] : [promptMark(prompt)]),
    ];
    for (const mark of holder.current?.querySelectorAll<SVGElement>("[data-label]") ?? [])
      mark.toggleAttribute("data-selected", chosen.includes(mark.dataset.label ?? ""));
  });

  const labelAt = (event: PointerEvent | MouseEvent) =>
    (event.target as Element).closest<SVGElement>("[data-label]")?.dataset.label ?? null;

  return (
    <div ref={frame} style={{ height }} className="plot-figure">
      {!(plot && width) && <div className="skeleton size-full" />}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a pointer shortcut; the table offers the same by keyboard */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div
        ref={holder}
        onPointerOver={(event) => hover.set(labelAt(event))}
        onPointerLeave={() => hover.set(null)}
        onClick={(event) => {
          const label = labelAt(event);
          if (label) select(label, event.shiftKey);
        }}
      />
    </div>
  );
}

/** Titles become tips, and the library's labels of its own parts go: the drawing is one image with one name. */
function titlesToTips(svg: Element): void {
  for (const part of svg.querySelectorAll("[aria-label]")) part.removeAttribute("aria-label");
  for (const title of svg.querySelectorAll("title")) {
    const mark = title.parentElement;
    const [first = "", second] = (title.textContent ?? "").split("\0");
    title.remove();
    if (!mark) continue;
    const tip = second ?? first;
    mark.setAttribute("data-tip", tip);
    const label = second === undefined ? markOfTip(tip) : first;
    if (label) {
      mark.setAttribute("data-label", label);
      mark.setAttribute("cursor", "pointer");
    }
  }
}
