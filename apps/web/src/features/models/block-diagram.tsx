"use client";
import { useState } from "react";
import type { ModelSummary } from "@/graphql/fragments.ts";
import { useUrlState } from "@/state/url-state.ts";
import { cx } from "@/ui/class-names.ts";
import { Panel } from "@/ui/page.tsx";
import { ADDS, drawBlock, HEIGHT, PLACES, STREAM, WIDTH } from "./block-layout.ts";
import type { HookPoint } from "./queries.ts";

const DEFAULTS = { layer: "*" } as const;
const IN_BLOCK = "blocks.{l}.";
const AXES: Record<string, string> = {
  d_model: "residual stream",
  head: "head",
  kv_head: "key/value head",
  d_head: "of the head",
  d_mlp: "neuron",
  query: "destination",
  key: "source",
  one: "one number",
};

/** One block of the model with its hook points; a click copies a point's name. */
export function BlockDiagram({ summary, points }: { summary: ModelSummary; points: readonly HookPoint[] }) {
  const { values, set } = useUrlState(DEFAULTS);
  const [copied, setCopied] = useState<string | null>(null);
  const { flows, norms } = drawBlock(summary);
  const layer = /^\d+$/.test(values.layer) && Number(values.layer) < summary.layers ? values.layer : "*";
  const nameOf = (point: HookPoint) => point.name.replace("{l}", layer);
  const copy = async (point: HookPoint) => {
    await navigator.clipboard.writeText(nameOf(point));
    setCopied(nameOf(point));
  };
  const there = points.filter(({ absent }) => absent === null);
  const missing = points.filter(({ absent }) => absent !== null);
  return (
    <Panel className="px-5 pt-4 pb-5">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
        <div>
          <h2 className="text-base">Hook points</h2>
          <p className="label" aria-live="polite">
            {copied ? (
              <>
                Copied <code className="font-mono text-ink">{copied}</code>
              </>
            ) : (
              `${blockText(summary)}; click a point to copy its name`
            )}
          </p>
        </div>
        <label className="flex items-center gap-2 text-sm">
          <span className="text-ink-2">Layer</span>
          <select
            className="control"
            value={layer}
            onChange={(event) => set({ layer: event.target.value }, "replace")}
          >
            <option value="*">all, as blocks.*</option>
            {Array.from({ length: summary.layers }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the layer is its number
              <option key={index} value={index}>
                {index}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div className="mt-2 overflow-x-auto">
        <div className="relative mx-auto" style={{ width: WIDTH, height: HEIGHT }}>
          <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="absolute inset-0" aria-hidden="true">
            <rect x={112} y={26} width={374} height={206} rx={10} fill="var(--sunken)" opacity={0.6} />
            <rect x={558} y={118} width={286} height={114} rx={10} fill="var(--sunken)" opacity={0.6} />
            <text x={130} y={20} fontSize={12} fill="var(--ink-3)">
              Attention
            </text>
            <text x={570} y={112} fontSize={12} fill="var(--ink-3)">
              MLP
            </text>
            {flows.map((path, index) => (
              <path
                key={path}
                d={path}
                fill="none"
                stroke={index === 0 ? "var(--ink-3)" : "var(--line-strong)"}
                strokeWidth={index === 0 ? 3 : 1.5}
                strokeLinejoin="round"
              />
            ))}
            {norms.map(({ x, y, across }) => (
              <rect
                key={`${x}/${y}`}
                x={across === "stream" ? x - 2.5 : x - 9}
                y={across === "stream" ? y - 9 : y - 2.5}
                width={across === "stream" ? 5 : 18}
                height={across === "stream" ? 18 : 5}
                rx={2}
                fill="var(--answer)"
              />
            ))}
            {Object.values(ADDS).map((x) => (
              <g key={x}>
                <circle
                  cx={x}
                  cy={STREAM}
                  r={10}
                  fill="var(--surface)"
                  stroke="var(--ink-3)"
                  strokeWidth={2}
                />
                <path d={`M${x - 5} ${STREAM} h10 m-5 -5 v10`} stroke="var(--ink)" strokeWidth={1.8} />
              </g>
            ))}
          </svg>
          {there.map((point) => (
            <PointButton
              key={point.name}
              point={point}
              name={nameOf(point)}
              copied={copied === nameOf(point)}
              onCopy={() => void copy(point)}
            />
          ))}
        </div>
      </div>
      <p className="label mt-2 flex flex-wrap gap-x-5">
        <span>
          <span className="mr-1.5 inline-block h-3 w-1 rounded-sm bg-answer align-middle" />
          norm
        </span>
        <span>solid border: an edit can change it</span>
        <span>dashed: it can be read only</span>
      </p>
      {missing.length > 0 && (
        <ul className="label mt-2 grid gap-0.5">
          {missing.map(({ name, absent }) => (
            <li key={name}>
              No <code className="font-mono text-ink-2">{name}</code>: {absent}.
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function PointButton(props: { point: HookPoint; name: string; copied: boolean; onCopy: () => void }) {
  const { point, name, copied, onCopy } = props;
  const short = point.name.replace(IN_BLOCK, "");
  const place = PLACES[short];
  if (!place) return null;
  const shown = short
    .replace("hook_", "")
    .replace(/^(attn|mlp)\./, "")
    .replace(".", " ");
  return (
    <button
      type="button"
      aria-label={`${shown}: copy ${name}`}
      onClick={onCopy}
      data-tip={[
        name,
        `axes\tposition${point.dims.map((dim) => ` × ${AXES[dim] ?? dim}`).join("")}`,
        `edits\t${point.editable ? "can change it" : "cannot change it"}`,
        ...(point.reads ? [`an input of this component alone, before its norm: ${point.reads}`] : []),
      ].join("\n")}
      style={{ left: place[0], top: place[1] }}
      className={cx(
        "absolute -translate-x-1/2 -translate-y-1/2 rounded border bg-surface px-1.5 font-mono text-2xs leading-5 whitespace-nowrap transition-colors hover:border-ink hover:text-ink",
        point.editable ? "border-ink-3" : "border-dashed border-line-strong",
        copied ? "border-answer! text-answer" : "text-ink-2",
      )}
    >
      {shown}
    </button>
  );
}

const blockText = ({ blocks, postNorm }: ModelSummary): string =>
  [
    blocks === "parallel" ? "attention and MLP read the same stream" : "attention, then MLP",
    postNorm === "stream"
      ? "norms on the stream"
      : postNorm === "output"
        ? "norms before and after each"
        : "norms before each",
  ].join(", ");
