import os from "node:os";
import { parentPort, threadId, workerData } from "node:worker_threads";
import { EngineError } from "../errors.ts";
import type { RunSettings } from "../results/receipt.ts";
import type { RunReport } from "../results/report.ts";
import { writeActivations } from "../runner/activations.ts";
import { estimateRun } from "../runner/estimate-run.ts";
import { intervene } from "../runner/intervene.ts";
import { knownFacts } from "../runner/known-facts.ts";
import { answerLive } from "../runner/live/index.ts";
import { type OpenModel, openModel } from "../runner/open-model.ts";
import { previewRun } from "../runner/preview.ts";
import type { RunProgress } from "../runner/progress.ts";
import { runStudy } from "../runner/run-study.ts";
import { runTask } from "../runner/run-task.ts";
import { planRun, runShard } from "../runner/shard-calls.ts";
import { estimateSweepRequest, type SweepProgress, writeSweep } from "../runner/sweep.ts";
import { type CallGuard, guardCalls } from "../session/call-guard.ts";
import { DEFAULT_PRECISION, type Precision } from "../session/device.ts";
import { type DeviceLock, shareDeviceLock } from "../session/device-lock.ts";
import type { EngineClient } from "./client.ts";
import type { EngineOptions } from "./index.ts";
import type { Method, Request, Response } from "./messages.ts";

// The engine's thread: takes one call after the other, keeps the last model open, and listens for aborts in between.

type ThreadData = Required<Pick<EngineOptions, "threads">> &
  EngineOptions & { guard: CallGuard; lock: DeviceLock };

const port = parentPort!;
const { guard, lock, ...options } = workerData as ThreadData;
guardCalls(guard);
shareDeviceLock(lock, threadId);
// On Linux a priority belongs to a thread, and threads that it starts (those of the arithmetic) inherit it.
if (options.background && process.platform === "linux")
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
const calls = new Map<number, AbortController>();
let queue: Promise<unknown> = Promise.resolve();
let opened: { name: string; precision: Precision; model: OpenModel } | null = null;

port.on("message", (request: Request) => {
  if ("abort" in request) {
    calls.get(request.id)?.abort();
    return;
  }
  const controller = new AbortController();
  calls.set(request.id, controller);
  queue = queue.then(async () => {
    const send = (response: Response) => port.postMessage(response);
    try {
      if (controller.signal.aborted) throw new EngineError("CANCELLED", "call: cancelled before it began");
      const onProgress = (progress: RunProgress) => send({ id: request.id, progress });
      send({
        id: request.id,
        result: await handle(request.method, request.params, {
          onProgress,
          onRun: (run) => send({ id: request.id, run }),
          signal: controller.signal,
        }),
      });
    } catch (error) {
      send({ id: request.id, error: describe(error) });
    } finally {
      calls.delete(request.id);
    }
  });
});

async function handle(
  method: Method,
  params: unknown,
  {
    onProgress,
    onRun,
    signal,
  }: {
    onProgress: (progress: RunProgress) => void;
    onRun: (report: RunReport) => void;
    signal: AbortSignal;
  },
): Promise<unknown> {
  const request = params as { model: string; precision?: Precision; settings?: RunSettings };
  if (method === "preview") {
    const { model, task, settings, first } = params as Parameters<EngineClient["preview"]>[0];
    return previewRun(model, task, settings, first, { ...options, signal });
  }
  onProgress({ step: "open", done: 0, total: 1, fraction: 0, message: `Open ${request.model} and check it` });
  // Only runs say what they are computed in.
  const precision = request.precision ?? request.settings?.precision ?? DEFAULT_PRECISION;
  const model = await open(request.model, precision, onProgress, signal);
  switch (method) {
    case "inspect":
      return model.summary;
    case "run": {
      const { task, settings, related } = params as Parameters<EngineClient["run"]>[0];
      return runTask(model, task, settings, { signal, onProgress, ...(related && { related }) });
    }
    case "plan":
      return planRun(model, params as Parameters<EngineClient["plan"]>[0]);
    case "shard": {
      const { shard, ...run } = params as Parameters<EngineClient["shard"]>[0];
      return runShard(model, run, shard, { signal, onProgress });
    }
    case "known": {
      const { task, settings } = params as Parameters<EngineClient["known"]>[0];
      return knownFacts(model, task, settings, { signal, onProgress });
    }
    case "study": {
      const { tasks, pool, settings, finished } = params as Parameters<EngineClient["study"]>[0];
      return runStudy(model, tasks, pool, settings, {
        signal,
        onProgress,
        onRun: ({ report }) => onRun(report),
        ...(finished && { finished }),
      });
    }
    case "activations":
      return writeActivations(model, params as Parameters<typeof writeActivations>[1], signal);
    case "sweep":
      return writeSweep(model, params as Parameters<typeof writeSweep>[1], {
        signal,
        onProgress: (progress) => onProgress(sweepProgress(progress)),
      });
    case "estimateSweep":
      return estimateSweepRequest(model, params as Parameters<typeof estimateSweepRequest>[1]);
    case "estimateRun":
      return estimateRun(model, params as Parameters<typeof estimateRun>[1]);
    case "intervene":
      return intervene(model, params as Parameters<typeof intervene>[1], signal);
    case "live":
      return answerLive(model, params as Parameters<typeof answerLive>[1], signal);
  }
}

function sweepProgress({ done, total, unit, before }: SweepProgress): RunProgress {
  const count = (value: number) => value.toLocaleString("en-US");
  const earlier = before > 0 ? ` (${count(before)} from before)` : "";
  return {
    step: "sweep",
    done,
    total,
    fraction: done / total,
    message: `${count(done)} of ${count(total)} ${unit}${earlier}`,
  };
}

/** Models are large: one is kept open, and opening another closes it. A folder may change under us, so its files are looked at again. */
async function open(
  name: string,
  precision: Precision,
  onProgress: (p: RunProgress) => void,
  signal: AbortSignal,
): Promise<OpenModel> {
  if (opened?.name === name && opened.precision === precision && (await unchanged(opened.model)))
    return opened.model;
  const previous = opened;
  opened = null;
  await previous?.model.session.close();
  const model = await openModel(
    name,
    {
      ...options,
      signal,
      onDownload: byteProgress((file) => `Download ${file} of ${name}`, onProgress),
      onRestore: byteProgress((file) => `Unpack ${file}`, onProgress),
    },
    options.threads,
    {
      ...(options.maxMemory !== undefined && { maxMemory: options.maxMemory }),
      ...(options.device && { device: options.device }),
      precision,
      onStep: (message) => onProgress({ step: "open", done: 0, total: 1, fraction: 0, message }),
    },
  );
  opened = { name, precision, model };
  return model;
}

async function unchanged(model: OpenModel): Promise<boolean> {
  const { openCheckpoint } = await import("../checkpoints/open-checkpoint.ts");
  const { source, name, weightHash } = model.session.checkpoint;
  return openCheckpoint(source, name, options).then(
    (now) => now.weightHash === weightHash,
    () => false,
  );
}

function describe(error: unknown): Extract<Response, { error: unknown }>["error"] {
  if (error instanceof EngineError)
    return { code: error.code, message: error.message, ...(error.stack && { stack: error.stack }) };
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    code: "ENGINE_FAILED",
    message: `engine failed unexpectedly: ${message}`,
    ...(stack && { stack }),
  };
}

/** At most four messages a second, however fast the bytes arrive. */
function byteProgress(describe: (file: string) => string, onProgress: (p: RunProgress) => void) {
  let last = 0;
  return (file: string, done: number, total: number) => {
    if (done < total && Date.now() - last < 250) return;
    last = Date.now();
    onProgress({ step: "open", done, total, fraction: 0, message: describe(file) });
  };
}
