"use client";
import { type MouseEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useSelection } from "@/state/selection.tsx";
import { useWidth } from "@/state/use-size.ts";
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

/**
 * A chart of a fixed height. Marks with a `title` show it in the page's tooltip; a title whose first word is a head's label
 * (`L9H8`) also links the mark with the other figures.
 */
export function PlotFigure({ label, height, draw }: { label: string; height: number; draw: DrawPlot }) {
  const plot = usePlotLibrary();
  const [frame, width] = useWidth<HTMLDivElement>();
  const holder = useRef<HTMLDivElement>(null);
  const { hover, select } = useSelection();

  useLayoutEffect(() => {
    if (!plot || !holder.current || width === null || width < LEAST_WIDTH) return;
    const svg = plot.plot({
      height,
      width,
      style: { fontSize: "11px", background: "transparent", color: "var(--ink-3)" },
      ...draw(plot, width),
    });
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
    svg.setAttribute("data-export", "");
    titlesToTips(svg);
    holder.current.replaceChildren(svg);
  }, [plot, width, height, draw, label]);

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
          if (label) select(label);
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
    const tip = title.textContent ?? "";
    title.remove();
    if (!mark) continue;
    mark.setAttribute("data-tip", tip);
    const head = /^L\d+H\d+/.exec(tip)?.[0];
    if (head) {
      mark.setAttribute("data-label", head);
      mark.setAttribute("cursor", "pointer");
    }
  }
}
