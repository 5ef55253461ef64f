"use client";
import { useMemo } from "react";
import { Figure } from "@/charts/figure.tsx";
import { LineKey } from "@/charts/line-key.tsx";
import { visibleToken } from "@/format/heads.ts";
import { formatSigned, plural } from "@/format/numbers.ts";
import { useSelection } from "@/state/selection.tsx";
import { useWidth } from "@/state/use-size.ts";
import { EmptyState } from "@/ui/states.tsx";
import { LIVE_EXPLANATIONS } from "./explanations.ts";
import { flowQuery, type PromptOfRun } from "./figure-queries.ts";
import { type FlowNode, flowLayout, LEAST_SHARE } from "./flow-layout.ts";
import type { LiveFlow } from "./queries.ts";

type Edge = LiveFlow["edges"][number];

const KIND: Record<Edge["kind"], string> = {
  SUBJECT_TO_HEAD: "all that the subject does through the head",
  HEAD_TO_ANSWER: "what the head itself writes for the answer",
  HEAD_TO_MLP: "what reaches the answer through this MLP's input",
  MLP_TO_ANSWER: "what the MLP itself writes for the answer",
};
const colorOf = ({ effect }: Edge) => (effect < 0 ? "var(--bar-negative)" : "var(--bar-positive)");
const strength = ({ share, effect }: Edge) =>
  share === null ? `${formatSigned(effect, "logit")} logits` : formatSigned(share, "effect");

const tipOf = (edge: Edge): string =>
  [
    `${edge.from} → ${edge.to}`,
    KIND[edge.kind],
    `share of M clean − M corrupted\t${edge.share === null ? "not observed" : formatSigned(edge.share, "effect")}`,
    `M clean − M patched\t${formatSigned(edge.effect, "logit")} logits`,
    "one prompt\tn = 1, no interval",
  ].join("\n");

/** How the subject reaches the answer: ribbons as thick as what they carry. */
export function FlowFigure({ of, flow, name }: { of: PromptOfRun; flow: LiveFlow; name: string }) {
  const [frame, width] = useWidth<HTMLDivElement>();
  const layout = useMemo(() => width && flowLayout(flow, Math.max(420, width)), [flow, width]);
  const { pair } = flow;
  const subject = pair.clean.filter(({ text }, i) => text !== pair.corrupted[i]?.text);
  const donor = pair.corrupted.filter(({ text }, i) => text !== pair.clean[i]?.text);
  const words = (tokens: readonly { text: string }[]) =>
    tokens
      .map(({ text }) => text)
      .join("")
      .trim();
  return (
    <Figure
      about={LIVE_EXPLANATIONS.flow}
      name={`${name}-flow`}
      query={flowQuery(of, flow.heads)}
      caption={
        <>
          Against <em className="not-italic font-medium text-ink">{words(donor)}</em>: M = logit(
          {visibleToken(pair.answer.text)}) − logit({visibleToken(pair.wrong.text)}), clean{" "}
          {formatSigned(flow.clean, "logit")}, corrupted {formatSigned(flow.corrupted, "logit")}.
          {flow.reason !== null && ` No shares: ${flow.reason}.`}
        </>
      }
      table={() => ({
        columns: ["from", "to", "kind", "effect, logits", "share"],
        rows: flow.edges.map(({ from, to, kind, effect, share }) => [
          from,
          to,
          KIND[kind as Edge["kind"]],
          effect,
          share,
        ]),
      })}
      legend={
        <LineKey
          items={[
            { label: "speaks for the answer, +", color: "var(--bar-positive)" },
            { label: "against it, −", color: "var(--bar-negative)" },
          ]}
        />
      }
    >
      <div ref={frame} className="overflow-x-auto">
        {flow.edges.length === 0 ? (
          <EmptyState title="No head was chosen" />
        ) : (
          layout && (
            <>
              <svg
                width={layout.width}
                height={layout.height}
                data-export=""
                role="img"
                aria-label={`Flow from subject to answer: ${flow.edges
                  .filter((edge) => Math.abs(edge.share ?? 0) >= LEAST_SHARE)
                  .map((edge) => `${edge.from} to ${edge.to} ${strength(edge)}`)
                  .join("; ")}`}
                className="block overflow-visible"
              >
                {layout.ribbons.map(({ edge, path, thickness }) => (
                  <path
                    key={`${edge.from} ${edge.to}`}
                    d={path}
                    fill="none"
                    stroke={colorOf(edge)}
                    strokeWidth={thickness}
                    strokeOpacity={0.42}
                    data-tip={tipOf(edge)}
                    data-edge={`${edge.from}-${edge.to}`}
                    className="transition-[stroke-opacity] hover:[stroke-opacity:0.75]"
                  />
                ))}
                {layout.ribbons.map(({ edge, at }) => (
                  <text
                    key={`${edge.from} ${edge.to}`}
                    x={at.x}
                    y={at.y}
                    textAnchor="middle"
                    dominantBaseline="central"
                    fontSize={11}
                    fontWeight={600}
                    fill="var(--ink)"
                    stroke="var(--surface)"
                    strokeWidth={3.5}
                    strokeOpacity={0.85}
                    paintOrder="stroke"
                    pointerEvents="none"
                  >
                    {strength(edge)}
                  </text>
                ))}
                {layout.nodes.map((node) => (
                  <Node
                    key={node.id}
                    node={node}
                    note={
                      node.kind === "subject"
                        ? words(subject)
                        : node.kind === "answer"
                          ? pair.answer.text.trim()
                          : ""
                    }
                  />
                ))}
              </svg>
              {layout.left.length > 0 && (
                <p className="mt-2 text-xs text-ink-3">
                  Not drawn, as they pass less than 2 % of the thickest:{" "}
                  {layout.left.length > 6 ? plural(layout.left.length, "MLP") : layout.left.join(", ")}. The
                  table has all.
                </p>
              )}
            </>
          )
        )}
      </div>
    </Figure>
  );
}

const LOOK: Record<FlowNode["kind"], { fill: string; text: string }> = {
  subject: { fill: "var(--subject-soft)", text: "var(--subject)" },
  head: { fill: "var(--sunken)", text: "var(--ink)" },
  mlp: { fill: "var(--sunken)", text: "var(--ink)" },
  answer: { fill: "var(--answer-soft)", text: "var(--answer)" },
};

function Node({ node, note }: { node: FlowNode; note: string }) {
  const { selected } = useSelection();
  const { x, y, width, height, kind, label } = node;
  const chosen = label === selected;
  return (
    <g>
      <rect
        x={x}
        y={y}
        width={width}
        height={height}
        rx={6}
        fill={LOOK[kind].fill}
        stroke={chosen ? "var(--ink)" : "var(--line-strong)"}
        strokeWidth={chosen ? 1.6 : 0.8}
      />
      <text
        x={x + width / 2}
        y={y + height / 2 - (note ? 8 : 0)}
        textAnchor="middle"
        dominantBaseline="central"
        fontSize={note ? 10.5 : 13}
        fontWeight={note ? 400 : 600}
        fill={note ? "var(--ink-3)" : LOOK[kind].text}
      >
        {label}
      </text>
      {note && (
        <text
          x={x + width / 2}
          y={y + height / 2 + 8}
          textAnchor="middle"
          dominantBaseline="central"
          fontSize={14}
          fontWeight={600}
          fill={LOOK[kind].text}
        >
          {note.length > 11 ? `${note.slice(0, 10)}…` : note}
        </text>
      )}
      <title>{`${label}${note ? ` ${note}` : ""}`}</title>
    </g>
  );
}
