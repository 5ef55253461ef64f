import { readFile } from "node:fs/promises";
import path from "node:path";
import { openModel } from "../../../packages/engine/src/runner/open-model.ts";
import { runTask } from "../../../packages/engine/src/runner/run-task.ts";
import type { Device } from "../../../packages/engine/src/session/device.ts";
import { taskSchema } from "../../../packages/engine/src/tasks/task.ts";
import { largeSettings } from "./task.ts";

/** What a run tells the process that watches its memory. */
export interface LargeRun {
  openSeconds: number;
  runSeconds: number;
  facts: number;
  known: number;
  /** Bytes of weights held at most by the graphs themselves, and bytes that were read for them, more than once where blocks were streamed. */
  heldWeights: number;
  readWeights: number;
}

const [folder, threads, maxMemory, device, analyses] = process.argv.slice(2) as [
  string,
  string,
  string,
  Device,
  string,
];
const started = performance.now();
const seconds = () => (performance.now() - started) / 1000;
let last = 0;
const say = (message: string, share?: number) => {
  if (share !== undefined && performance.now() - last < 10_000) return;
  last = performance.now();
  const done = share === undefined ? "" : ` ${Math.round(100 * share)} %`;
  process.stderr.write(`${seconds().toFixed(0).padStart(5)} s ${message}${done}\n`);
};
const limit = Number(maxMemory) || undefined;
const model = await openModel(folder, { modelsFolder: folder, offline: true }, Number(threads), {
  maxMemory: limit,
  device,
});
const openSeconds = seconds();
const { weightNeed, memory } = model.session;
const streamed = weightNeed.whole > memory.weights;
const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
say(
  `opened; weights as graphs hold them: ${mb(weightNeed.whole)}, ${streamed ? `streamed through ${mb(memory.weights)}` : "all held"}`,
);
const task = taskSchema.parse(JSON.parse(await readFile(path.join(folder, "task.json"), "utf8")));
const report = await runTask(model, task, largeSettings(analyses ? analyses.split(",") : []), {
  onProgress: ({ message, fraction }) => say(message, fraction),
});
const { peak, read } = model.session.weightMemory;
process.send!({
  openSeconds,
  runSeconds: seconds() - openSeconds,
  facts: report.task.facts.length,
  known: report.task.facts.filter(({ known }) => known).length,
  heldWeights: peak,
  readWeights: read,
} satisfies LargeRun);
await model.session.close();
