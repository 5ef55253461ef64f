import { type ColorScale, prefersDarkText } from "@/charts/color-scale.ts";

/** A scale as each theme has it. */
export interface ThemedScale {
  light: ColorScale;
  dark: ColorScale;
}

const both = (light: string, dark: string): string => `light-dark(${light}, ${dark})`;
const onColor = (color: string): string => (prefersDarkText(color) ? "#12161b" : "#ffffff");

/**
 * Gives a copied heat map the colours of both themes: everything else on the page is coloured by variables that follow the theme.
 * @param cellValue number behind a cell; null: not observed, or no cell
 */
export function colorMap(
  map: Element,
  { light, dark }: ThemedScale,
  cellValue: (label: string) => number | null,
): void {
  let on: string | null = null;
  for (const element of map.querySelectorAll<SVGElement>(
    "rect[data-label], rect[data-label] ~ text, rect[data-label] ~ circle",
  )) {
    const label = element.getAttribute("data-label");
    if (label !== null) {
      const value = cellValue(label);
      const [own, other] = value === null ? [null, null] : [light.color(value), dark.color(value)];
      on = own === null || other === null ? null : both(onColor(own), onColor(other));
      if (own !== null && other !== null) element.style.fill = both(own, other);
    } else if (on !== null) {
      element.style.fill = on;
    } else {
      element.style.fill = "var(--ink)";
    }
  }
}

/** The same for the stops of its legend. */
export function colorLegend(legend: Element, { light, dark }: ThemedScale): void {
  const from = light.kind === "diverging" ? -light.max : 0;
  for (const stop of legend.querySelectorAll<SVGStopElement>("stop")) {
    const value = from + Number(stop.getAttribute("offset")) * (light.max - from);
    stop.style.stopColor = both(light.color(value), dark.color(value));
  }
}
