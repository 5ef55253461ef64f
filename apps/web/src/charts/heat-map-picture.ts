import type { Unit } from "@/format/numbers.ts";

/** A cell as it is seen; places are pixels of the drawing. */
export interface PictureCell {
  x: number;
  y: number;
  width: number;
  height: number;
  value: number | null;
  /** Carries a dot (movers). */
  marked: boolean;
}

export interface PictureStyle {
  fill: (value: number) => string;
  /** Of what is drawn on the fill. */
  ink: (value: number) => string;
  /** Id of the pattern that fills cells without a value. */
  hatch: string;
  unit: Unit;
  printsValues: boolean;
}

/**
 * What is seen of the cells, as SVG: one path for all cells of a colour. A browser styles each element that takes another colour, which
 * for the thousands of cells on a page takes longer than to draw them.
 */
export function pictureMarkup(
  picture: readonly PictureCell[],
  { hatch, unit, printsValues, ...style }: PictureStyle,
): string {
  const cells = new Paths();
  const dots = new Paths();
  const numbers: string[] = [];
  for (const { x, y, width, height, value, marked } of picture) {
    cells.add(
      `fill="${value === null ? `url(#${hatch})` : style.fill(value)}"`,
      roundedRect(x, y, width, height),
    );
    if (marked) {
      const ink = value === null ? "var(--ink)" : style.ink(value);
      const radius = Math.max(1.4, Math.min(2.6, height / 6));
      dots.add(
        `stroke="${ink}" stroke-width="${2 * radius}" stroke-linecap="round"`,
        `M${x + width - radius - 2} ${y + radius + 2}h0`,
      );
    }
    if (printsValues && value !== null)
      numbers.push(
        `<text x="${x + width / 2}" y="${y + height / 2}" fill="${style.ink(value)}">${cellText(value, unit)}</text>`,
      );
  }
  const printed = `<g font-size="10.5" text-anchor="middle" dominant-baseline="central">${numbers.join("")}</g>`;
  return cells.markup() + dots.markup() + (numbers.length === 0 ? "" : printed);
}

/** Shapes by how they are painted, in the order in which that first came. */
class Paths {
  readonly #byPaint = new Map<string, string[]>();

  add(paint: string, shape: string): void {
    const shapes = this.#byPaint.get(paint);
    if (shapes) shapes.push(shape);
    else this.#byPaint.set(paint, [shape]);
  }

  markup(): string {
    return [...this.#byPaint].map(([paint, shapes]) => `<path ${paint} d="${shapes.join("")}"/>`).join("");
  }
}

/** Of a cell's corners. */
export const cellRadius = (width: number, height: number): number => Math.min(3, width / 5, height / 2);

function roundedRect(x: number, y: number, width: number, height: number): string {
  const radius = cellRadius(width, height);
  const corner = (dx: number, dy: number) => `a${radius} ${radius} 0 0 1 ${dx} ${dy}`;
  const [across, down] = [width - 2 * radius, height - 2 * radius];
  return (
    `M${x + radius} ${y}h${across}${corner(radius, radius)}v${down}${corner(-radius, radius)}` +
    `h${-across}${corner(-radius, -radius)}v${-down}${corner(radius, -radius)}z`
  );
}

/** A value as it is printed on a cell: per cent without the sign, two decimals otherwise. */
const cellText = (value: number, unit: Unit): string =>
  unit === "share" || unit === "probability"
    ? String(Math.round(value * 100))
    : value
        .toFixed(2)
        .replace(/^-0\.00$/, "0.00")
        .replace("-", "−");
