import type { Target } from "../plan/row.ts";
import type { SideKind } from "../runner/sides.ts";
import type { BenchReport, Ratio, RowReport, SideReport, Verdict } from "./report.ts";

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Peers that a target speaks of: the libraries, and a loop by hand with one of them. */
const PEERS: readonly SideKind[] = ["library", "hand-written"];

const fastest = (sides: readonly SideReport[]): SideReport | undefined =>
  [...sides].sort((a, b) => a.medianMs - b.medianMs)[0];

/** Ours against the fastest peer of each kind. */
export function ratios(sides: readonly SideReport[]): Ratio[] {
  const [ours, ...others] = sides;
  const kinds = [...new Set(others.map(({ kind }) => kind))];
  return kinds.flatMap((against) => {
    const { side, label, medianMs } = fastest(others.filter(({ kind }) => kind === against))!;
    return [{ against, side, label, times: medianMs / ours!.medianMs }];
  });
}

/** The fastest of the peers that a target speaks of. */
export const fastestPeer = (row: Pick<RowReport, "ratios">): Ratio | undefined =>
  row.ratios.filter(({ against }) => PEERS.includes(against)).sort((a, b) => a.times - b.times)[0];

type Measured = Pick<BenchReport, "peak"> & { rows: readonly Pick<RowReport, "id" | "sides" | "ratios">[] };

/** What became of a row's targets. */
export const verdicts = (
  row: Measured["rows"][number],
  targets: readonly Target[],
  report: Measured,
): Verdict[] => targets.map((target) => verdict(row, target, report));

function verdict(row: Measured["rows"][number], target: Target, report: Measured): Verdict {
  const ours = row.sides[0]!;
  const ratio = (other: SideReport | undefined) => (other ? other.medianMs / ours.medianMs : null);
  switch (target.kind) {
    case "times-faster": {
      const than = row.sides.find(({ side }) => side === target.than);
      const value = target.than ? ratio(than) : (fastestPeer(row)?.times ?? null);
      const peer = target.than ? (than?.label ?? target.than) : "the fastest peer";
      return atLeast(target, `${target.atLeast} x ${peer}`, value);
    }
    case "memory-mb": {
      const value = ours.peakProcessMb;
      const met = value === null ? null : value <= target.atMost;
      return { target, asked: `at most ${target.atMost} MB resident`, value, met };
    }
    case "share-of-peak": {
      const best = Math.max(0, ...Object.values(report.peak.gflops).map((value) => value ?? 0));
      const value = best > 0 && ours.gflopPerSecond !== null ? ours.gflopPerSecond / best : null;
      return atLeast(target, `${100 * target.atLeast} % of the machine's peak`, value);
    }
    case "faster-than-row": {
      const other = report.rows.find(({ id }) => id === target.row);
      return atLeast(target, `${target.atLeast} x without sharing`, ratio(other?.sides[0]));
    }
  }
}

const atLeast = (target: Target & { atLeast: number }, asked: string, value: number | null): Verdict => ({
  target,
  asked: `at least ${asked}`,
  value,
  met: value === null ? null : value >= target.atLeast,
});
