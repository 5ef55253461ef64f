"use client";
import { EstimateBars } from "@/charts/estimate-bars.tsx";
import { Figure } from "@/charts/figure.tsx";
import { LineKey } from "@/charts/line-key.tsx";
import { estimateColumns } from "@/table/estimate-columns.ts";
import type { FigureTable } from "@/table/figure-table.ts";
import type { FurtherFigureData } from "../queries.ts";
import { FurtherHeads } from "./further-heads.tsx";
import { FurtherLines, seriesColor } from "./further-lines.tsx";
import { FurtherReliability } from "./further-reliability.tsx";

/** One figure of a further analysis, drawn by what it holds. */
export function FurtherFigure(props: { figure: FurtherFigureData; query: string; name: string }) {
  const { figure, query, name } = props;
  const { title, unitText, meaning, formula, source } = figure;
  const about = { title, unit: unitText, meaning, formula, source };
  if (figure.__typename === "HeadsFigure")
    return (
      <FurtherHeads figure={figure} about={about} name={name} query={query} table={() => tableOf(figure)} />
    );
  return (
    <Figure
      about={about}
      name={name}
      query={query}
      caption={
        figure.__typename === "ReliabilityFigure"
          ? "Across: mean probability of the top token. Up: how often it is the answer. Larger dots have more prompts."
          : undefined
      }
      table={() => tableOf(figure)}
      legend={
        figure.__typename === "LinesFigure" && figure.series.length > 1 ? (
          <LineKey items={figure.series.map(({ label }, i) => ({ label, color: seriesColor(i) }))} />
        ) : figure.__typename === "ReliabilityFigure" ? (
          <LineKey items={RELIABILITY_KEY} />
        ) : undefined
      }
    >
      {figure.__typename === "LinesFigure" && <FurtherLines figure={figure} />}
      {figure.__typename === "ReliabilityFigure" && <FurtherReliability figure={figure} />}
      {figure.__typename === "BarsFigure" && (
        <EstimateBars
          label={title}
          bars={figure.bars}
          unit={figure.unit}
          labelWidth={Math.min(240, 24 + 6.6 * Math.max(0, ...figure.bars.map(({ label }) => label.length)))}
        />
      )}
      {figure.__typename === "NotesFigure" && (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1.5 text-sm">
          {figure.notes.map(({ label, value }) => (
            <div key={label} className="contents">
              <dt className="text-ink-3">{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
    </Figure>
  );
}

const RELIABILITY_KEY = [
  { label: "model as it is", color: "var(--ink-3)" },
  { label: "as often right as it is sure", color: "var(--line-strong)", dashed: true },
];

const ESTIMATE = ["value", "low", "high", "n facts"];

function tableOf(figure: FurtherFigureData): FigureTable {
  switch (figure.__typename) {
    case "HeadsFigure":
      return {
        columns: ["layer", "head", ...ESTIMATE],
        rows: figure.cells.map((cell, i) => [
          Math.floor(i / figure.headsPerLayer),
          i % figure.headsPerLayer,
          ...estimateColumns(cell),
        ]),
      };
    case "LinesFigure":
      return {
        columns: ["series", figure.axis, ...ESTIMATE],
        rows: figure.series.flatMap(({ label, points }) =>
          points.map((point, i) => [label, figure.ticks[i] ?? "", ...estimateColumns(point)]),
        ),
      };
    case "ReliabilityFigure":
      return {
        columns: ["curve", "p(top) from", "to", "prompts", "mean p(top)", ...ESTIMATE],
        rows: figure.curves.flatMap(({ label, bins }) =>
          bins.map(({ low, high, prompts, confidence, right }) => [
            label,
            low,
            high,
            prompts,
            confidence.value,
            ...estimateColumns(right),
          ]),
        ),
      };
    case "BarsFigure":
      return {
        columns: ["name", ...ESTIMATE],
        rows: figure.bars.map(({ label, estimate }) => [label, ...estimateColumns(estimate)]),
      };
    case "NotesFigure":
      return { columns: ["what", "found"], rows: figure.notes.map(({ label, value }) => [label, value]) };
  }
}
