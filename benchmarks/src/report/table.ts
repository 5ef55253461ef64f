import type { BenchReport, RowReport, SideReport, Verdict } from "./report.ts";
import { fastestPeer } from "./verdicts.ts";

export const time = (ms: number): string =>
  ms < 100
    ? `${ms.toFixed(1)} ms`
    : ms < 1000
      ? `${ms.toFixed(0)} ms`
      : `${(ms / 1000).toFixed(ms < 100_000 ? 2 : 0)} s`;
export const times = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} x`;
const megabytes = (value: number | null): string => (value === null ? "-" : `${value.toFixed(0)} MB`);

/** A row as lines of text: each side's times, memory and speed, then the ratios and targets. */
export function rowText(row: RowReport): string {
  const ours = row.sides[0]!;
  const lines = row.sides.map((side) => [
    side.label,
    time(side.medianMs),
    time(side.minMs),
    side === ours ? "" : times(side.medianMs / ours.medianMs),
    megabytes(side.peakMb),
    speed(side),
    side.agreement ? side.agreement.largest.toExponential(1) : "",
    side.part ?? "",
  ]);
  const table = columns([["", "median", "min", "ours is", "peak", "GFLOP/s", "differs by", "run"], ...lines]);
  const peer = fastestPeer(row);
  return [
    `${row.title} (${row.id})`,
    `${row.what}`,
    table,
    ...(peer ? [`fastest peer: ${peer.label}, ${times(peer.times)}`] : []),
    ...measured(row).map(verdictText),
  ].join("\n");
}

const speed = ({ gflopPerSecond }: SideReport): string =>
  gflopPerSecond === null ? "-" : gflopPerSecond.toFixed(0);

const measured = ({ verdicts }: RowReport): Verdict[] => verdicts.filter(({ met }) => met !== null);

const verdictText = (verdict: Verdict): string =>
  `${verdict.met ? "met" : "MISSED"}: ${verdict.asked} (${reached(verdict)})`;

export function reached({ target, value }: Verdict): string {
  if (value === null) return "-";
  if (target.kind === "memory-mb") return megabytes(value);
  return target.kind === "share-of-peak" ? `${(100 * value).toFixed(0)} %` : times(value);
}

/** Every target and what became of it, then the machine's peak. */
export function summaryText({ rows, peak }: BenchReport): string {
  const targets = rows.flatMap((row) => measured(row).map((own) => [row.id, verdictText(own)]));
  const speeds = Object.entries(peak.gflops).map(([name, value]) => `${name} ${value!.toFixed(0)}`);
  return [
    ...(targets.length ? [columns(targets)] : []),
    `matrix products of ${peak.size} x ${peak.size}, GFLOP/s: ${speeds.join(", ") || "not measured"}`,
  ].join("\n");
}

/** Cells padded to the width of their column: the first and the last to the left, numbers to the right. */
function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) =>
          i === 0 || i === row.length - 1 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
