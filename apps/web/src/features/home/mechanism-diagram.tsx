"use client";
import { useQuery } from "urql";
import { formatEstimate } from "@/format/estimates.ts";
import { visibleToken } from "@/format/heads.ts";
import { formatValue } from "@/format/numbers.ts";
import { shortModelName, shotsLabel } from "@/format/runs.ts";
import type { RunRowData } from "@/graphql/fragments.ts";
import { graphql } from "@/graphql/graphql.ts";
import { nodes } from "@/graphql/nodes.ts";

const ExamplePrompt = graphql(`
  query ExamplePrompt($id: ID!) {
    run(id: $id) {
      id
      prompts(first: 1, known: true) {
        edges { cursor node { index tokenTexts subjectStart subjectEnd answer } }
      }
    }
  }
`);

const ILLUSTRATION = {
  tokenTexts: ["The", " capital", " of", " France", " is"],
  subjectStart: 3,
  subjectEnd: 4,
  answer: "Paris",
};
const SHOWN_TOKENS = 6;
const ROW = 27;
const STREAM = 196;
const END = 604;
const STATIONS = { heads: 196, mlp: 314, apply: 434, final: 546 };

/** How a fact travels through the last position, with the numbers of the newest finished run. */
export function MechanismDiagram({ run }: { run: RunRowData | undefined }) {
  const [{ data }] = useQuery({ query: ExamplePrompt, variables: { id: run?.id ?? "" }, pause: !run });
  const prompt = nodes(data?.run?.prompts?.edges)[0] ?? ILLUSTRATION;
  const offset = Math.max(0, prompt.tokenTexts.length - SHOWN_TOKENS);
  const tokens = prompt.tokenTexts.slice(offset);
  const summary = run?.summary;
  const rowOf = (index: number) => STREAM - (tokens.length - 1 - index) * ROW;
  const subjectRow = rowOf(Math.max(0, prompt.subjectEnd - 1 - offset));

  return (
    <figure className="max-w-[760px]">
      <svg
        viewBox="0 0 700 262"
        className="w-full"
        role="img"
        aria-label={`How ${prompt.tokenTexts.join("")} becomes ${prompt.answer}`}
        fontSize={12}
      >
        <defs>
          <linearGradient id="stream" gradientUnits="userSpaceOnUse" x1="110" x2="600" y1="0" y2="0">
            <stop offset="0" stopColor="var(--line-strong)" />
            <stop offset="0.17" stopColor="var(--line-strong)" />
            <stop offset="0.2" stopColor="var(--subject)" />
            <stop offset="0.6" stopColor="var(--subject)" />
            <stop offset="0.7" stopColor="var(--answer)" />
            <stop offset="1" stopColor="var(--answer)" />
          </linearGradient>
        </defs>

        {tokens.map((token, index) => {
          const position = offset + index;
          const subject = position >= prompt.subjectStart && position < prompt.subjectEnd;
          return (
            <text
              key={position}
              x={100}
              y={rowOf(index)}
              textAnchor="end"
              dominantBaseline="central"
              fontFamily="var(--font-mono)"
              fill={subject ? "var(--subject)" : "var(--ink-2)"}
              fontWeight={subject ? 700 : 400}
            >
              {visibleToken(token)}
            </text>
          );
        })}

        <path
          d={`M110 ${subjectRow} H${STATIONS.heads - 34} Q${STATIONS.heads} ${subjectRow} ${STATIONS.heads} ${Math.min(STREAM - 9, subjectRow + 34)} V${STREAM - 9}`}
          fill="none"
          stroke="var(--subject)"
          strokeWidth={2}
        />
        <path d={`M110 ${STREAM} H${END - 2}`} stroke="url(#stream)" strokeWidth={4} />
        <path d={`M${END - 8} ${STREAM - 7} l9 7 l-9 7`} fill="none" stroke="var(--answer)" strokeWidth={3} />

        <circle
          cx={STATIONS.heads}
          cy={STREAM}
          r={8}
          fill="var(--paper)"
          stroke="var(--subject)"
          strokeWidth={3}
        />
        <g transform={`translate(${STATIONS.mlp - 15} ${STREAM - 15})`}>
          <rect width={30} height={30} rx={6} fill="var(--paper)" stroke="var(--subject)" strokeWidth={2.5} />
          {[7, 16, 10, 4].map((height, index) => (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: fixed drawing
              key={index}
              x={6 + index * 5}
              y={24 - height}
              width={3}
              height={height}
              fill={index === 1 ? "var(--subject)" : "var(--line-strong)"}
            />
          ))}
        </g>
        <path
          d={`M${STATIONS.apply} ${STREAM - 58} V${STREAM - 11}`}
          stroke="var(--answer)"
          strokeWidth={2}
          strokeDasharray="2 4"
        />
        <text
          x={STATIONS.apply}
          y={STREAM - 70}
          textAnchor="middle"
          dominantBaseline="central"
          fontFamily="var(--font-mono)"
          fill="var(--answer)"
        >
          {run?.task.relation ?? "capital"}(·)
        </text>
        <circle cx={STATIONS.apply} cy={STREAM} r={9} fill="var(--answer)" />
        <path d={`M${STATIONS.apply - 4} ${STREAM} h8 m-4 -4 v8`} stroke="var(--paper)" strokeWidth={2} />
        <path
          d={`M${STATIONS.final} ${STREAM - 20} v14 m-5 -5 l5 6 l5 -6 M${STATIONS.final - 11} ${STREAM + 7} h22`}
          fill="none"
          stroke="var(--bad)"
          strokeWidth={2.2}
        />
        <text
          x={END + 13}
          y={STREAM}
          dominantBaseline="central"
          fontWeight={700}
          fontSize={14}
          fill="var(--answer)"
        >
          {prompt.answer.length > 10 ? `${prompt.answer.slice(0, 9)}…` : prompt.answer}
        </text>

        <Station
          x={STATIONS.heads}
          y={STREAM + 26}
          name="Argument passing"
          value={
            summary?.topMover && summary.topMoverEffect
              ? `${summary.topMover}  ${formatEstimate(summary.topMoverEffect, "effect")}`
              : null
          }
        />
        <Station
          x={STATIONS.mlp}
          y={STREAM + 26}
          name="MLP activation"
          value={summary?.r2HeldOut == null ? null : `R² ${formatValue(summary.r2HeldOut, "r2")}`}
        />
        <Station
          x={STATIONS.apply}
          y={STREAM + 26}
          name="Function application"
          value={summary?.headlineLayer == null ? null : `MLP${summary.headlineLayer}`}
        />
        <Station
          x={STATIONS.final}
          y={STREAM + 26}
          name="Final layer"
          value={summary ? `${formatEstimate(summary.finalLayerChange, "nats", true)} nats` : null}
        />
      </svg>
      <figcaption className="label mt-1 text-right">
        {run
          ? `Numbers of the newest run: ${run.task.title}, ${shortModelName(run.model.name)}, ${shotsLabel(run.settings.shots)}`
          : "The four steps a run measures"}
      </figcaption>
    </figure>
  );
}

function Station({ x, y, name, value }: { x: number; y: number; name: string; value: string | null }) {
  return (
    <g textAnchor="middle">
      <text x={x} y={y} fill="var(--ink-3)" fontSize={11} dominantBaseline="hanging">
        {name}
      </text>
      {value && (
        <text x={x} y={y + 17} fill="var(--ink)" fontWeight={600} fontSize={12.5} dominantBaseline="hanging">
          {value}
        </text>
      )}
    </g>
  );
}
