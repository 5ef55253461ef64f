"use client";
import { useMemo, useState } from "react";
import { downloadCsv } from "@/charts/figure-export.ts";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { parseHead } from "@/format/heads.ts";
import { formatNumber, formatPValue } from "@/format/numbers.ts";
import { useSelection } from "@/state/selection.tsx";
import { type Column, DataTable } from "@/table/data-table.tsx";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { Badge } from "@/ui/badge.tsx";
import { Button } from "@/ui/button.tsx";
import { DownloadIcon } from "@/ui/icons.tsx";
import { EstimateValue } from "@/ui/number.tsx";
import type { ArgumentPassing, Head } from "../queries.ts";
import { signedMetric } from "./head-tip.ts";
import { HEAD_METRICS, type HeadMetric, METRIC_NAMES } from "./metrics.ts";

const metricColumn = (metric: HeadMetric, header: string): Column<Head> => ({
  id: metric,
  header,
  help: EXPLANATIONS[HEAD_METRICS[metric].explanation].meaning,
  numeric: true,
  sort: (head) => head[metric].value,
  render: (head) => (
    <EstimateValue
      estimate={head[metric]}
      unit={HEAD_METRICS[metric].unit}
      label={`${head.label}: ${HEAD_METRICS[metric].short}`}
      signed={signedMetric(metric)}
      interval={metric === "effect" ? "inline" : "tip"}
    />
  ),
});

const COLUMNS: Column<Head>[] = [
  {
    id: "rank",
    header: "Rank",
    help: "By effect; in grey the 2.5–97.5 % range over resamples of the facts",
    numeric: true,
    sort: (head) => -head.rank,
    render: (head) => (
      <>
        {head.rank}
        {head.rankLow !== null && head.rankHigh !== null && (
          <span className="ml-1.5 inline-block min-w-11 text-left text-xs text-ink-3">
            {head.rankLow}–{head.rankHigh}
          </span>
        )}
      </>
    ),
  },
  {
    id: "head",
    header: "Head",
    sort: (head) => head.label,
    render: (head) => (
      <span className="flex items-center gap-2">
        <span className="font-medium">{head.label}</span>
        {head.mover && <Badge tone="subject">mover</Badge>}
      </span>
    ),
  },
  metricColumn("effect", "Effect, 95 % interval"),
  {
    id: "q",
    header: "q",
    help: "Benjamini–Hochberg q-value of a two-sided sign-flip test over facts, over all heads",
    numeric: true,
    sort: (head) => (head.qValue === null ? null : -head.qValue),
    render: (head) => (
      <span data-tip={`${head.label}\n${formatPValue(head.pValue)}\n${formatPValue(head.qValue, "q")}`}>
        {head.qValue === null ? "–" : head.qValue < 0.001 ? "< 0.001" : formatNumber(head.qValue, 2)}
      </span>
    ),
  },
  metricColumn("noising", "Noising"),
  metricColumn("denoising", "Denoising"),
  metricColumn("attentionToSubject", "Attention"),
  metricColumn("valueWeightedShare", "Value-weighted"),
  metricColumn("dlaSubject", "Writes subject"),
  metricColumn("dlaAnswer", "Writes answer"),
];

export function HeadsTable({ data, name }: { data: ArgumentPassing; name: string }) {
  const { hover, heads, select } = useSelection();
  const [text, setText] = useState("");
  const rows = useMemo(() => {
    const exact = parseHead(text);
    const wanted = exact ? `L${exact.layer}H${exact.head}` : text.trim().toUpperCase();
    return data.heads.filter(({ label }) => (exact ? label === wanted : label.startsWith(wanted)));
  }, [data, text]);
  return (
    <div>
      <div className="mb-2 flex items-center justify-between gap-3">
        <label>
          <span className="sr-only">Find a head</span>
          <input
            className="control w-48"
            placeholder="Head, such as L9H8 or 9.8"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <div className="flex items-center gap-3">
          <span className="label">
            {rows.length} of {data.heads.length} heads
          </span>
          <Button onClick={() => downloadCsv(name, headsCsv(data))}>
            <DownloadIcon size={14} /> CSV
          </Button>
        </div>
      </div>
      <DataTable
        label="Heads ranked by effect"
        columns={COLUMNS}
        rows={rows}
        rowKey={(head) => head.label}
        defaultSort={{ column: "rank", descending: true }}
        maxHeight={520}
        onPointerLeave={() => hover.set(null)}
        rowProps={(head) => ({
          label: head.label,
          selected: heads.some(({ label }) => label === head.label),
          onClick: (event) => select(head.label, event.shiftKey),
          onPointerEnter: () => hover.set(head.label),
        })}
      />
    </div>
  );
}

const headsCsv = (data: ArgumentPassing) => ({
  columns: [
    "head",
    "layer",
    "index",
    "rank",
    "rank_low",
    "rank_high",
    "p",
    "q",
    "mover",
    ...METRIC_NAMES.flatMap((metric) => ["", "_low", "_high", "_n"].map((part) => metric + part)),
  ],
  rows: data.heads.map((head) => [
    head.label,
    head.layer,
    head.head,
    head.rank,
    head.rankLow,
    head.rankHigh,
    head.pValue,
    head.qValue,
    String(head.mover),
    ...METRIC_NAMES.flatMap((metric) => estimateColumns(head[metric])),
  ]),
});
