import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { DEFAULT_DEVICE } from "../../../packages/engine/src/session/device.ts";
import { measureLarge } from "../large/measure.ts";
import { addFigure, gb } from "../large/memory-report.ts";
import { LARGE_SHAPES, type LargeShapeName } from "../large/shapes.ts";
import { thisMachine } from "../machine.ts";
import { orExit } from "./exit.ts";
import { deviceOf } from "./options.ts";

const USAGE = `usage: npm run bench:memory -- --shape ${Object.keys(LARGE_SHAPES).join("|")}

  --max-memory GB    weights and activations held at once (12)
  --most-beyond GB   fail above this much memory beyond mapped files
  --threads N        (2)
  --device NAME      what computes: cpu (the default), webgpu, cuda, coreml, dml
  --analyses ID,ID   further analyses of the run (none)
  --models DIR       where the random model is made and kept (benchmarks/.cache/models)
  --remove           remove the model afterwards
  --json FILE        add the figure to those of other shapes`;

/** A peak above this fails: an ordinary machine. */
const LIMIT = 16e9;

await orExit(main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      shape: { type: "string", default: "" },
      "max-memory": { type: "string", default: "12" },
      "most-beyond": { type: "string", default: "Infinity" },
      threads: { type: "string", default: "2" },
      device: { type: "string", default: DEFAULT_DEVICE },
      analyses: { type: "string", default: "" },
      models: { type: "string", default: path.resolve(import.meta.dirname, "../../.cache/models") },
      remove: { type: "boolean", default: false },
      json: { type: "string" },
    },
  });
  const [threads, gigabytes] = [Number(values.threads), Number(values["max-memory"])];
  if (!Object.hasOwn(LARGE_SHAPES, values.shape) || !(threads >= 1) || !(gigabytes > 0))
    throw new Error(USAGE);
  const shape = values.shape as LargeShapeName;
  await mkdir(values.models, { recursive: true });
  const device = deviceOf(values.device);
  const maxMemory = gigabytes * 1e9;
  const { run, peak, folder } = await measureLarge({
    shape,
    models: values.models,
    threads,
    device,
    maxMemory,
    analyses: values.analyses ? values.analyses.split(",") : [],
  });
  if (values.remove) await rm(folder, { recursive: true });
  if (values.json && peak !== null)
    await addFigure(values.json, {
      shape,
      date: new Date().toISOString(),
      machine: thisMachine(),
      device,
      threads,
      maxMemory,
      openSeconds: Math.round(run.openSeconds),
      runSeconds: Math.round(run.runSeconds),
      peak: peak.resident,
      anonymous: peak.anonymous,
      heldWeights: run.heldWeights,
      readWeights: run.readWeights,
    });
  process.stdout.write(
    [
      `${shape}: ${run.known} of ${run.facts} facts known, ${gb(run.readWeights)} of weights read and widened, at most ${gb(run.heldWeights)} held`,
      `opened in ${run.openSeconds.toFixed(0)} s (hash, check of all numbers, self-check), run in ${run.runSeconds.toFixed(0)} s`,
      peak === null
        ? "peak memory: not known on this system (it needs /proc)"
        : `peak memory ${gb(peak.resident)}, of which ${gb(peak.anonymous)} beyond mapped files; time ${((run.openSeconds + run.runSeconds) / 60).toFixed(1)} min`,
      "",
    ].join("\n"),
  );
  const mostBeyond = 1e9 * Number(values["most-beyond"]);
  if (peak === null || !(peak.resident <= LIMIT && peak.anonymous <= mostBeyond)) process.exitCode = 1;
}
