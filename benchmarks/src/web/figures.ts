import type { Kind, WebFigure } from "./web-report.ts";

/** Collects repetitions under their names, in the order in which names first came. */
export class Figures {
  #figures = new Map<string, WebFigure>();

  add(kind: Kind, name: string, ...values: number[]): void {
    const figure = this.#figures.get(name) ?? { kind, name, values: [] };
    figure.values.push(...values);
    this.#figures.set(name, figure);
  }

  all(): WebFigure[] {
    return [...this.#figures.values()];
  }
}
