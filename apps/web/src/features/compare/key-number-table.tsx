"use client";
import { downloadCsv } from "@/charts/figure-export.ts";
import { formatSigned, formatValue, type Unit } from "@/format/numbers.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { Button } from "@/ui/button.tsx";
import { cx } from "@/ui/class-names.ts";
import { DownloadIcon } from "@/ui/icons.tsx";
import { EstimateValue } from "@/ui/number.tsx";
import { Section } from "@/ui/page.tsx";
import {
  apart,
  type Cell,
  COMPARED_NUMBERS,
  type ComparedNumber,
  isEstimate,
  numberOf,
} from "./key-numbers.ts";
import type { Series } from "./series.ts";

/** Key numbers of all runs with deltas to the baseline; bold deltas have intervals that do not overlap. */
export function KeyNumberTable({ series }: { series: readonly Series[] }) {
  return (
    <Section
      title="Key numbers"
      className="mt-2"
      aside={
        <Button onClick={() => downloadCsv("comparison", comparisonCsv(series))}>
          <DownloadIcon size={14} /> CSV
        </Button>
      }
    >
      <div className="overflow-x-auto rounded-lg border border-line bg-surface">
        <table className="w-full border-separate border-spacing-0 text-sm" aria-label="Key numbers">
          <thead>
            <tr>
              <th className="sticky left-0 bg-surface" />
              {series.map(({ run, name, color, dash, baseline }) => (
                <th key={run.id} scope="col" className="px-4 pt-3 pb-2 text-left align-bottom font-medium">
                  <svg width={22} height={8} aria-hidden="true" className="mb-0.5 block">
                    <path d="M0 4h22" stroke={color} strokeWidth={2.4} strokeDasharray={dash} />
                  </svg>
                  {name}
                  {baseline && <span className="ml-2 text-xs font-normal text-ink-3">baseline</span>}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {COMPARED_NUMBERS.map((row) => (
              <tr key={row.name}>
                <th
                  scope="row"
                  data-tip={`${row.name}\n${row.help}`}
                  className={cx(
                    "sticky left-0 border-t border-line/70 bg-surface py-2 pr-6 pl-4 text-left font-normal whitespace-nowrap text-ink-2",
                    row.name.startsWith("from") && "pl-8",
                  )}
                >
                  {row.name}
                </th>
                {series.map(({ run, baseline }) => {
                  const first = series[0] ? row.of(series[0].run) : null;
                  return (
                    <td key={run.id} className="border-t border-line/70 px-4 py-2 whitespace-nowrap">
                      <span className="inline-block min-w-16">
                        <CellValue row={row} cell={row.of(run)} />
                      </span>
                      {!baseline && <Delta cell={row.of(run)} baseline={first} unit={row.unit} />}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="label mt-2">
        Deltas are run minus baseline; bold where the two 95 % intervals do not overlap. Hover a number for
        its interval and n.
      </p>
    </Section>
  );
}

function CellValue({ row, cell }: { row: ComparedNumber; cell: Cell }) {
  if (cell === null) return <span className="text-ink-3 italic">–</span>;
  if (typeof cell === "string") return <>{cell}</>;
  if (typeof cell === "number") return <>{formatValue(cell, row.unit)}</>;
  return <EstimateValue estimate={cell} unit={row.unit} label={row.name} signed={row.signed} />;
}

function Delta({ cell, baseline, unit }: { cell: Cell; baseline: Cell; unit: Unit }) {
  const value = numberOf(cell);
  const first = numberOf(baseline);
  if (value === null || first === null) return null;
  const points = unit === "probability" || unit === "share";
  const delta = value - first;
  const text = points ? `${formatSigned(delta * 100, "effect")} pts` : formatSigned(delta, unit);
  return (
    <span className={cx("ml-2 text-xs", apart(cell, baseline) ? "font-semibold text-ink" : "text-ink-3")}>
      {delta === 0 ? "±0" : text}
    </span>
  );
}

const comparisonCsv = (series: readonly Series[]) => ({
  columns: ["number", ...series.flatMap(({ name }) => [name, `${name} low`, `${name} high`, `${name} n`])],
  rows: COMPARED_NUMBERS.map((row) => [
    row.name,
    ...series.flatMap(({ run }) => {
      const cell = row.of(run);
      return isEstimate(cell) ? estimateColumns(cell) : [cell, null, null, null];
    }),
  ]),
});
