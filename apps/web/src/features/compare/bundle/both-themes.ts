import { type ColorScale, inkOn } from "@/charts/color-scale.ts";
import { pictureMarkup } from "@/charts/heat-map-picture.ts";
import type { Unit } from "@/format/numbers.ts";

/** A scale as each theme has it. */
export interface ThemedScale {
  light: ColorScale;
  dark: ColorScale;
}

const both = (light: string, dark: string): string => `light-dark(${light}, ${dark})`;

/**
 * Gives a copied heat map the colours of both themes: everything else on the page is coloured by variables that follow the theme.
 * @param headOf number behind a cell, null where it was not observed, and whether it carries a dot
 */
export function colorMap(
  map: Element,
  { light, dark }: ThemedScale,
  unit: Unit,
  headOf: (label: string) => { value: number | null; marked: boolean },
): void {
  const picture = map.querySelector("[data-picture]");
  if (!picture) return;
  const cells = [...map.querySelectorAll<SVGRectElement>("rect[data-label]")].map((cell) => {
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) =>
      Number(cell.getAttribute(name)),
    );
    return { x: x!, y: y!, width: width!, height: height!, ...headOf(cell.dataset.label ?? "") };
  });
  picture.innerHTML = pictureMarkup(cells, {
    fill: (value) => both(light.color(value), dark.color(value)),
    ink: (value) => both(inkOn(light.color(value)), inkOn(dark.color(value))),
    hatch: map.querySelector("pattern")?.id ?? "",
    unit,
    printsValues: picture.querySelector("text") !== null,
  });
}

/** The same for the stops of its legend. */
export function colorLegend(legend: Element, { light, dark }: ThemedScale): void {
  const from = light.kind === "diverging" ? -light.max : 0;
  for (const stop of legend.querySelectorAll<SVGStopElement>("stop")) {
    const value = from + Number(stop.getAttribute("offset")) * (light.max - from);
    stop.style.stopColor = both(light.color(value), dark.color(value));
  }
}
