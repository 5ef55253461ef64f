"use client";
import { useCallback, useMemo } from "react";
import { Figure } from "@/charts/figure.tsx";
import { type DrawPlot, linked, PlotFigure } from "@/charts/plot-figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { formatInteger, formatValue } from "@/format/numbers.ts";
import { promptMark } from "@/state/mark.ts";
import type { Prompt } from "../queries.ts";

/** Probability of the answer, one dot per prompt, one row per frame. */
export function PromptsFigure(props: {
  prompts: readonly Prompt[];
  total: number;
  query: string;
  name: string;
}) {
  const { prompts, total, query, name } = props;
  const frames = useMemo(() => [...new Set(prompts.map(({ frame }) => frame))].sort(), [prompts]);
  const draw = useCallback<DrawPlot>((plot) => dots(plot, prompts, frames), [prompts, frames]);
  return (
    <Figure
      about={EXPLANATIONS.prompts}
      name={name}
      query={query}
      caption={
        prompts.length < total
          ? `The first ${formatInteger(prompts.length)} of ${formatInteger(total)} prompts; load more below.`
          : undefined
      }
      table={() => ({
        columns: [
          "prompt",
          "text",
          "subject",
          "answer",
          "frame",
          "value",
          "rank",
          "rank among candidates",
          "known",
        ],
        rows: prompts.map((prompt) => [
          prompt.index,
          prompt.text,
          prompt.subject,
          prompt.answer,
          prompt.frame,
          prompt.probability,
          prompt.rank,
          prompt.candidateRank,
          String(prompt.known),
        ]),
      })}
      legend={
        <ul className="flex gap-4 text-xs text-ink-2">
          <li className="flex items-center gap-1.5">
            <span className="size-2 rounded-full bg-answer" /> first choice of the model
          </li>
          <li className="flex items-center gap-1.5">
            <span className="size-2 rounded-full border-[1.5px] border-ink-3" /> not first
          </li>
        </ul>
      }
    >
      <PlotFigure
        label="Probability of the answer by prompt frame"
        height={Math.max(90, frames.length * 26 + 40)}
        draw={draw}
      />
    </Figure>
  );
}

function dots(
  plot: Parameters<DrawPlot>[0],
  prompts: readonly Prompt[],
  frames: string[],
): ReturnType<DrawPlot> {
  return {
    marginLeft: 168,
    marginRight: 16,
    marginTop: 4,
    marginBottom: 32,
    x: {
      domain: [0, 1],
      label: null,
      grid: true,
      ticks: 10,
      tickFormat: (value: number) => `${Math.round(value * 100)} %`,
    },
    y: { domain: frames, label: null, type: "point", padding: 0.6 },
    marks: [
      plot.axisY({ tickSize: 0, fontSize: 11.5, color: "var(--ink-2)" }),
      plot.dot(prompts, {
        x: "probability",
        y: "frame",
        r: 4,
        fill: (prompt: Prompt) => (prompt.rank === 0 ? "var(--answer)" : "var(--surface)"),
        stroke: (prompt: Prompt) => (prompt.rank === 0 ? "var(--surface)" : "var(--ink-3)"),
        fillOpacity: 0.85,
        title: (prompt: Prompt) =>
          linked(
            promptMark(prompt.index),
            [
              `${prompt.subject} → ${prompt.answer}`,
              `p(answer)\t${formatValue(prompt.probability, "probability")}`,
              `rank, 0 = top\t${formatInteger(prompt.rank)}`,
              `fact\t${prompt.known ? "known" : "unknown"}`,
              prompt.text,
            ].join("\n"),
          ),
      }),
    ],
  };
}
