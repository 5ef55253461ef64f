import type { Estimate, Figure } from "@recallscope/engine";
import { boolean, type ColumnOf, estimate, fill, integer, type Table, text } from "./table.ts";

/** One thing that a figure shows; which fields are used depends on the figure's kind. */
export interface FigurePoint {
  series: string | null;
  tick: string | null;
  place: number | null;
  layer: number | null;
  head: number | null;
  label: string | null;
  prompts: number | null;
  marked: boolean | null;
  estimate: Estimate | null;
  note: string | null;
}
const NOTHING: FigurePoint = {
  series: null,
  tick: null,
  place: null,
  layer: null,
  head: null,
  label: null,
  prompts: null,
  marked: null,
  estimate: null,
  note: null,
};

export function pointsOf(figure: Figure): FigurePoint[] {
  switch (figure.kind) {
    case "HEADS":
      return figure.cells.map((cell, i) => {
        const layer = Math.floor(i / figure.headsPerLayer);
        const head = i % figure.headsPerLayer;
        const label = `L${layer}H${head}`;
        return { ...NOTHING, layer, head, label, marked: figure.marked.includes(label), estimate: cell };
      });
    case "LINES":
      return figure.series.flatMap(({ label, points }) =>
        points.map((point, place) => ({
          ...NOTHING,
          series: label,
          place,
          tick: figure.ticks[place]!,
          estimate: point,
        })),
      );
    case "RELIABILITY":
      return figure.curves.flatMap(({ label, bins }) =>
        bins.flatMap(({ low, high, prompts, confidence, right }, place) =>
          [
            { label: "mean p(top)", estimate: confidence },
            { label: "share right", estimate: right },
          ].map((own) => ({ ...NOTHING, series: label, place, tick: binText(low, high), prompts, ...own })),
        ),
      );
    case "BARS":
      return figure.bars.map((bar) => ({ ...NOTHING, label: bar.label, estimate: bar.estimate }));
    case "NOTES":
      return figure.notes.map(({ label, value }) => ({ ...NOTHING, label, note: value }));
  }
}

/** `0.1-0.2` */
const binText = (low: number, high: number): string => `${low.toFixed(1)}-${high.toFixed(1)}`;

type Point = ColumnOf<FigurePoint>;
const SERIES: Point = text("series", "line", ({ series }) => series);
const PLACE: Point = integer("place", "place along the axis, from 0", ({ place }) => place);
const TICK: Point = text("tick", "name of the place along the axis", ({ tick }) => tick);
const LAYER: Point = integer("layer", "layer", ({ layer }) => layer);
const HEAD: Point = integer("head", "head", ({ head }) => head);
const LABEL: Point = text("label", "what the number is of", ({ label }) => label);
const PROMPTS: Point = integer(
  "prompts",
  "prompts behind it, where they are counted",
  ({ prompts }) => prompts,
);
const MARKED: Point = boolean("marked", "whether the head carries a mark", ({ marked }) => marked);
const NOTE: Point = text("note", "what was found", ({ note }) => note);
const numberOf = (unit: string): Point => estimate("estimate", unit, (point) => point.estimate);

/** Columns that hold the points of any figure. */
export const POINT_COLUMNS: readonly Point[] = [
  SERIES,
  PLACE,
  TICK,
  LAYER,
  HEAD,
  LABEL,
  PROMPTS,
  MARKED,
  numberOf("the number, in `unit_text`"),
  NOTE,
];

const COLUMNS: Record<Figure["kind"], (unit: string) => Point[]> = {
  HEADS: (unit) => [LABEL, LAYER, HEAD, MARKED, numberOf(unit)],
  LINES: (unit) => [SERIES, PLACE, TICK, numberOf(unit)],
  RELIABILITY: (unit) => [SERIES, PLACE, TICK, LABEL, PROMPTS, numberOf(unit)],
  BARS: (unit) => [LABEL, numberOf(unit)],
  NOTES: () => [LABEL, NOTE],
};

/** What a figure shows, one row per number. @param name analysis/figure */
export const figureTable = (name: string, figure: Figure): Table =>
  fill({ name, title: figure.title }, COLUMNS[figure.kind](figure.unitText), pointsOf(figure));

/** The same for a page: lines stand beside each other, one row per tick. */
export function printedFigure(name: string, figure: Figure): Table {
  if (figure.kind !== "LINES") return figureTable(name, figure);
  const { axis, ticks, series, unitText, title } = figure;
  return fill<number>(
    { name, title },
    [
      text("tick", axis, (place) => ticks[place]!),
      ...series.map(({ label, points }) => estimate(label, unitText, (place: number) => points[place]!)),
    ],
    ticks.map((_, place) => place),
  );
}
