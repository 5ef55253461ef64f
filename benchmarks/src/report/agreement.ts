import type { Job, Numbers } from "../job.ts";
import type { Agreement } from "./report.ts";

/** Largest difference allowed, relative to the largest number where that is above 1. */
const TOLERANCE = 1e-4;

/** Compares what two sides computed of one job, cell by cell where one of them ran a part. @throws Error where nothing can be compared */
export function agreement(
  ours: { job: Job; numbers: Numbers },
  theirs: { job: Job; numbers: Numbers },
): Agreement {
  const names = Object.keys(theirs.numbers);
  if (names.length === 0) throw new Error("nothing was handed back to compare");
  const out: Agreement = { compared: 0, largest: 0, scale: 0, tolerance: TOLERANCE };
  let worst = 0;
  for (const name of names) {
    const [a, b] = [ours.numbers[name], theirs.numbers[name]!];
    if (!a) throw new Error(`${name}: computed by one side only`);
    const own = compare(a, b, aligned(ours.job, theirs.job, a.length, b.length));
    out.compared += own.compared;
    // The tensor with the largest difference relative to what it allows is the one reported.
    const share = own.largest / own.tolerance;
    if (share >= worst || out.scale === 0) Object.assign(out, own, { compared: out.compared });
    worst = Math.max(worst, share);
  }
  return out;
}

export const agrees = ({ largest, tolerance }: Agreement): boolean => largest <= tolerance;

function compare(a: Float32Array, b: Float32Array, places: Iterable<readonly [number, number]>): Agreement {
  let compared = 0;
  let largest = 0;
  let scale = 0;
  for (const [i, j] of places) {
    const difference = Math.abs(a[i]! - b[j]!);
    // Not a number is not an agreement.
    largest =
      difference <= largest ? largest : Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    scale = Math.max(scale, Math.abs(a[i]!));
    compared++;
  }
  if (compared === 0) throw new Error("the two sides have no cell in common");
  return { compared, largest, scale, tolerance: TOLERANCE * Math.max(1, scale) };
}

/** Places of the same number in both arrays. */
function* aligned(a: Job, b: Job, sizeA: number, sizeB: number): Generator<readonly [number, number]> {
  const [cellsA, cellsB] = [cells(a), cells(b)];
  if (!cellsA || !cellsB) {
    if (sizeA !== sizeB) throw new Error(`${sizeA} numbers against ${sizeB}`);
    for (let i = 0; i < sizeA; i++) yield [i, i];
    return;
  }
  const [pairsA, pairsB] = [sizeA / cellsA.length, sizeB / cellsB.length];
  const place = new Map(cellsA.map((cell, i) => [cell, i]));
  for (const [j, cell] of cellsB.entries()) {
    const i = place.get(cell);
    if (i === undefined) continue;
    for (let pair = 0; pair < Math.min(pairsA, pairsB); pair++) yield [i * pairsA + pair, j * pairsB + pair];
  }
}

/** Names of a job's cells in their order, each with a number for every pair; null where it has none. */
function cells(job: Job): string[] | null {
  if (job.kind === "head-sweep")
    return job.heads.flatMap((head) => job.positions.map((position) => `${head} ${position}`));
  if (job.kind === "path-final" || job.kind === "path-queries") return job.heads.map((head) => `${head}`);
  return null;
}
