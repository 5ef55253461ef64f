import type { CallOptions, DeviceChoice, EngineClient, RunReport } from "@recallscope/engine";
import { MODELS_FOLDER, readHubEnvironment, readWeightsFolder } from "./environment.ts";
import { interruptible } from "./interrupt.ts";
import { createProgress } from "./progress.ts";

export interface EngineFlags {
  threads?: number;
  maxMemory?: number;
  device?: DeviceChoice;
  quiet?: boolean;
}

/** Whether a stored run is what was asked for: rounding differs from device to device, and whoever names one wants its numbers. */
export const serves = ({ device = "auto" }: EngineFlags, { receipt }: RunReport): boolean =>
  device === "auto" || receipt.device === device;

/** Starts the engine, shows the progress of what `work` asks of it, cancels it on Ctrl-C, and stops it in any case. */
export async function withEngine<T>(
  flags: EngineFlags,
  work: (engine: EngineClient, options: Required<CallOptions>) => Promise<T>,
): Promise<T> {
  const { createEngineClient } = await import("@recallscope/engine/worker");
  const engine = createEngineClient({
    modelsFolder: MODELS_FOLDER,
    ...(await readHubEnvironment()),
    weightsFolder: await readWeightsFolder(),
    threads: flags.threads,
    maxMemory: flags.maxMemory,
    device: flags.device,
  });
  const progress = createProgress(flags.quiet ?? false);
  try {
    return await interruptible((signal) => work(engine, { signal, onProgress: progress.report }));
  } finally {
    progress.stop();
    await engine.close();
  }
}
