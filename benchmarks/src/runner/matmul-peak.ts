import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { Job } from "../job.ts";
import { type MeasureOptions, settled } from "./measure.ts";
import { type SideName, sideInfo, startOurs } from "./sides.ts";

const REPEATS = 8;

/** Best GFLOP/s of one large square product by onnxruntime, and by torch and numpy where peers run: the machine's peak is the best of them. */
export async function measurePeak(
  { model, size, threads }: { model: string; size: number; threads: number },
  { scratch, device, peers, log }: MeasureOptions,
): Promise<Record<string, number>> {
  await mkdir(scratch, { recursive: true });
  const file = path.join(scratch, "matmul.json");
  await writeFile(file, JSON.stringify({ kind: "matmul", model, threads, size } satisfies Job));
  const gflops: Record<string, number> = {};
  const own = startOurs(device);
  try {
    const others: [string, SideName][] = [
      ["torch", "transformers"],
      ["numpy", "numpy"],
    ];
    const sides = [
      { name: "onnxruntime", process: own, variant: "plain" },
      ...others
        .filter(([, side]) => peers?.offers(side))
        .map(([name, side]) => ({ name, process: peers!.processOf(side), variant: sideInfo(side).variant! })),
    ];
    for (const { process, variant } of sides) {
      await process.prepare(file, variant);
      await process.warmUp();
    }
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      for (const { name, process } of sides) {
        await settled();
        const { loopMs } = await process.run();
        gflops[name] = Math.max(gflops[name] ?? 0, (2 * size ** 3) / 1e6 / loopMs);
      }
    }
  } finally {
    await own.close();
    await rm(scratch, { recursive: true, force: true });
  }
  log(
    `matrix products, GFLOP/s: ${Object.entries(gflops)
      .map(([name, value]) => `${name} ${value.toFixed(0)}`)
      .join(", ")}`,
  );
  return gflops;
}
