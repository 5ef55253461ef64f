import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { EngineError } from "../errors.ts";
import type { RunReport } from "../results/report.ts";
import { closeCalls, newCallGuard } from "../session/call-guard.ts";
import type { DeviceChoice } from "../session/device.ts";
import { alone, deviceLock, free, holderOf, isHeldBy } from "../session/device-lock.ts";
import type { CallOptions, EngineClient } from "./client.ts";
import type { Method, Request, Response } from "./messages.ts";

export interface EngineOptions {
  /** The folder of bundled models. */
  modelsFolder: string;
  /** Hugging Face cache folder; default ~/.cache/huggingface/hub. */
  cacheFolder?: string;
  /** Hugging Face token for gated models. */
  token?: string;
  hubUrl?: string;
  /** Never ask the network: only what the cache folder holds. */
  offline?: boolean;
  /** Where weights of GGUF files are kept unpacked; default ~/.cache/recallscope. */
  weightsFolder?: string;
  /** Threads of the arithmetic; default: all cores. */
  threads?: number;
  /** What computes; default: the CPU. `auto` takes the fastest that agrees with it. */
  device?: DeviceChoice;
  /** Bytes of weights and activations held at once, 16 MiB at least; default: four fifths of what is free when a model is opened. */
  maxMemory?: number;
  /** Gives way to whatever else wants this machine's cores, the process's own other threads too. Linux only: elsewhere priorities are whole processes'. */
  background?: boolean;
}

/** A call of onnxruntime takes a second at most, and longer where a driver compiles; one that hangs is ended with its thread. */
const PATIENCE_MS = 10_000;

interface Call {
  resolve: (value: never) => void;
  reject: (error: Error) => void;
  options: CallOptions & { onRun?: (report: RunReport) => void };
}

/** Starts the engine in a worker thread when first called; if the thread dies, its calls fail and the next call starts another. */
export function createEngineClient(options: EngineOptions): EngineClient {
  const calls = new Map<number, Call>();
  let next = 0;
  let worker: Worker | null = null;
  let guard = newCallGuard();

  const start = (): Worker => {
    guard = newCallGuard();
    const thread = new Worker(new URL("./start-thread.mjs", import.meta.url), {
      workerData: { threads: availableParallelism(), ...definedOnly(options), guard, lock: deviceLock() },
    });
    const holder = holderOf(thread.threadId);
    thread.on("message", (response: Response) => settle(calls, response));
    const fail = (reason: string) => {
      if (worker === thread) worker = null;
      for (const [id, call] of calls) {
        calls.delete(id);
        call.reject(new EngineError("ENGINE_FAILED", `engine thread stopped: ${reason}`));
      }
    };
    thread.on("error", (error) => fail(error instanceof Error ? error.message : String(error)));
    thread.on("exit", (code) => {
      free(holder);
      fail(`exit code ${code}`);
    });
    return thread;
  };

  const call = <Result>(
    method: Method,
    params: unknown,
    callOptions: Call["options"] = {},
  ): Promise<Result> => {
    // A caller may use one signal for many calls: none leaves a listener on it.
    const settled = new AbortController();
    return new Promise<Result>((resolve, reject) => {
      const { signal } = callOptions;
      if (signal?.aborted) {
        reject(new EngineError("CANCELLED", "call: cancelled before it began"));
        return;
      }
      worker ??= start();
      const thread = worker;
      const id = next++;
      calls.set(id, { resolve: resolve as Call["resolve"], reject, options: callOptions });
      thread.postMessage({ id, method, params } satisfies Request);
      signal?.addEventListener("abort", () => thread.postMessage({ id, abort: true } satisfies Request), {
        once: true,
        signal: settled.signal,
      });
    }).finally(() => settled.abort());
  };

  return {
    inspect: (model, callOptions, precision) => call("inspect", { model, precision }, callOptions),
    run: (request, callOptions) => call("run", request, callOptions),
    plan: (request, callOptions) => call("plan", request, callOptions),
    shard: (request, callOptions) => call("shard", request, callOptions),
    study: (request, callOptions) => call("study", request, callOptions),
    preview: (request, callOptions) => call("preview", request, callOptions),
    known: (request, callOptions) => call("known", request, callOptions),
    activations: (request, callOptions) => call("activations", request, callOptions),
    sweep: (request, callOptions) => call("sweep", request, callOptions),
    estimateRun: (request, callOptions) => call("estimateRun", request, callOptions),
    estimateSweep: (request, callOptions) => call("estimateSweep", request, callOptions),
    intervene: (request, callOptions) => call("intervene", request, callOptions),
    live: (request, callOptions) => call("live", request, callOptions),
    async close() {
      const [thread, own] = [worker, guard];
      worker = null;
      if (!thread) return;
      const ended = await closeCalls(own, PATIENCE_MS);
      const terminate = () => thread.terminate();
      // What a thread leaves behind is destroyed as it ends, at the device, too. One that hangs in there keeps others out until it has ended.
      const hangs = !ended && isHeldBy(holderOf(thread.threadId));
      const onCpu = options.device === undefined || options.device === "cpu";
      await (hangs || onCpu ? terminate() : alone(terminate));
    },
  };
}

function settle(calls: Map<number, Call>, response: Response): void {
  const call = calls.get(response.id);
  if (!call) return;
  if ("progress" in response) {
    call.options.onProgress?.(response.progress);
    return;
  }
  if ("run" in response) {
    call.options.onRun?.(response.run);
    return;
  }
  calls.delete(response.id);
  if ("result" in response) call.resolve(response.result as never);
  else {
    const error = new EngineError(response.error.code, response.error.message);
    if (response.error.stack) error.stack = response.error.stack;
    call.reject(error);
  }
}

const definedOnly = <T extends object>(object: T): Partial<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
