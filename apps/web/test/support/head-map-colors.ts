import type { Page } from "playwright-core";

/** In the page: the colour that a head map's picture has at the middle of a cell. */
export function colorOf(cell: Element): string {
  const { x, y, width, height } = (cell as SVGGraphicsElement).getBBox();
  const middle = new DOMPoint(x + width / 2, y + height / 2);
  const picture = (cell as SVGElement).ownerSVGElement?.querySelectorAll<SVGPathElement>(
    "[data-picture] path[fill]",
  );
  const under = [...(picture ?? [])].filter((path) => path.isPointInFill(middle));
  return under.map((path) => getComputedStyle(path).fill).join(" over ");
}

/** Colours of the heads in the text of an exported map, by label. */
export const colorsIn = (page: Page, svg: string): Promise<Record<string, string>> =>
  page.evaluate(`(() => {
    const holder = document.createElement("div");
    holder.innerHTML = ${JSON.stringify(svg)};
    document.body.append(holder);
    const cells = [...holder.querySelectorAll("rect[data-label]")];
    const colors = Object.fromEntries(cells.map((cell) => [cell.dataset.label, (${colorOf})(cell)]));
    holder.remove();
    return colors;
  })()`);
