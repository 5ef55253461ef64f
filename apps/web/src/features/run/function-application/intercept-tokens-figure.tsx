"use client";
import { useCallback, useMemo } from "react";
import { Figure } from "@/charts/figure.tsx";
import { type DrawPlot, PlotFigure } from "@/charts/plot-figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { visibleToken } from "@/format/heads.ts";
import { formatSigned, plural } from "@/format/numbers.ts";
import { interceptTokensQuery } from "../figure-queries.ts";
import type { Intercept } from "../queries.ts";

interface Row {
  side: "Promoted" | "Demoted";
  place: number;
  token: number;
  text: string;
  value: number;
  candidate: boolean;
}

/** The tokens that the intercept promotes and demotes most; answers of the task are marked. */
export function InterceptTokensFigure(props: {
  run: string;
  facts: number;
  intercept: Intercept;
  name: string;
}) {
  const { run, facts, intercept, name } = props;
  const rows = useMemo(() => rowsOf(intercept), [intercept]);
  const draw = useCallback<DrawPlot>((plot) => tokenPlot(plot, rows, facts), [rows, facts]);
  const longest = Math.max(intercept.top.length, intercept.bottom.length);
  return (
    <Figure
      about={EXPLANATIONS.intercept}
      title={`What the intercept of MLP${intercept.layer} promotes`}
      name={name}
      caption={`Read-out of one vector, fitted on ${plural(facts, "known fact")}: a single token's logit has no interval of its own.`}
      query={interceptTokensQuery(run, intercept.regressors, intercept.layer)}
      table={() => ({
        columns: ["side", "place", "token id", "token", "logits", "answer of the task"],
        rows: rows.map(({ side, place, token, text, value, candidate }) => [
          side,
          place,
          token,
          text,
          value,
          candidate ? "yes" : "no",
        ]),
      })}
      legend={
        <span className="flex items-center gap-1.5 text-xs text-ink-2">
          <span className="size-2.5 rounded-[3px] bg-answer" />
          <span>
            <b className="font-semibold text-answer">● answer</b> of the task
          </span>
        </span>
      }
    >
      <PlotFigure label="Tokens the intercept promotes and demotes" height={longest * 21 + 34} draw={draw} />
    </Figure>
  );
}

function rowsOf(intercept: Intercept): Row[] {
  const side = (name: Row["side"], tokens: Intercept["top"]): Row[] =>
    tokens.map((token, index) => ({ ...token, side: name, place: index + 1 }));
  return [...side("Promoted", intercept.top), ...side("Demoted", intercept.bottom)];
}

function tokenPlot(plot: Parameters<DrawPlot>[0], rows: readonly Row[], facts: number): ReturnType<DrawPlot> {
  const end = Math.max(...rows.map(({ value }) => Math.abs(value)), 1e-9);
  const size = ({ value }: Row) => Math.abs(value);
  const places = [...new Set(rows.map(({ place }) => place))].sort((left, right) => left - right);
  return {
    marginLeft: 26,
    marginRight: 10,
    marginTop: 26,
    marginBottom: 4,
    // Left of 0 is room for the tokens, right of the end for the values.
    x: { domain: [-0.62 * end, 1.2 * end], axis: null },
    y: { domain: places, label: null, padding: 0.3 },
    fx: { domain: ["Promoted", "Demoted"], axis: null, padding: 0.04 },
    marks: [
      plot.text(["Promoted", "Demoted"], {
        fx: (side: string) => side,
        text: (side: string) => side,
        frameAnchor: "top-left",
        dy: -20,
        fontSize: 12,
        fill: "var(--ink-3)",
      }),
      plot.axisY({ tickSize: 0, color: "var(--ink-3)", fontSize: 11 }),
      plot.barX(rows, {
        fx: "side",
        x: size,
        y: "place",
        rx: 1.5,
        insetTop: 2,
        insetBottom: 2,
        fill: ({ candidate }: Row) => (candidate ? "var(--answer)" : "var(--line-strong)"),
      }),
      plot.text(rows, {
        fx: "side",
        x: -0.6 * end,
        y: "place",
        text: ({ text, candidate }: Row) => `${candidate ? "● " : ""}${visibleToken(text)}`,
        textAnchor: "start",
        fontFamily: "var(--font-mono)",
        fontSize: 12,
        fontWeight: 500,
        fill: ({ candidate }: Row) => (candidate ? "var(--answer)" : "var(--ink-2)"),
      }),
      plot.text(rows, {
        fx: "side",
        x: size,
        y: "place",
        text: ({ value }: Row) => formatSigned(value, "logit"),
        textAnchor: "start",
        dx: 6,
        fontSize: 11.5,
        fill: "var(--ink-2)",
      }),
      plot.barX(rows, {
        fx: "side",
        x1: () => -0.62 * end,
        x2: () => 1.2 * end,
        y: "place",
        fill: "transparent",
        className: "hover-column",
        title: ({ token, text, value, candidate }: Row) =>
          [
            visibleToken(text),
            `logits\t${formatSigned(value, "logit")}`,
            "unit\tlogits",
            `n\t${facts} facts`,
            `token id\t${token}`,
            candidate ? "an answer of the task" : "not an answer of the task",
          ].join("\n"),
      }),
    ],
  };
}
