import { createRequire } from "node:module";
import path from "node:path";
import ort from "onnxruntime-node";
import { EngineError } from "../errors.ts";
import { guarded } from "./call-guard.ts";
import { DEFAULT_DEVICE, type Device, type Precision } from "./device.ts";
import { alone } from "./device-lock.ts";

/** A tensor that goes in or comes out: numbers, row-major, and their shape. */
export interface Array2 {
  data: Float32Array | BigInt64Array;
  dims: readonly number[];
}

export interface SessionOptions {
  /** Of the CPU, which does on every device what that cannot. */
  threads: number;
  device?: Device;
  precision?: Precision;
  /** Keep weights in the order in which the matrix product reads them: some 10 % faster, and a private copy of each. */
  packWeights?: boolean;
}

export const onnxruntimeVersion = (): string => ort.env.versions.node ?? "unknown";

/** Names of the execution providers that this build of onnxruntime has code for, whether or not the machine has what they need. */
export const offeredProviders = (): string[] => ort.listSupportedBackends().map(({ name }) => name);

/** Where onnxruntime looks for the libraries of execution providers that are not built in. */
export const providerFolder = (): string =>
  path.join(
    path.dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json")),
    "bin/napi-v6",
    process.platform,
    process.arch,
  );

/** One compiled graph. This file is the only one that knows onnxruntime. */
export class OnnxSession {
  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly device: Device,
  ) {}

  /** @param folder where the graph's external weight files lie */
  static async create(model: Uint8Array, folder: string, options: SessionOptions): Promise<OnnxSession> {
    const { device = DEFAULT_DEVICE } = options;
    try {
      const session = await call(device, () =>
        ort.InferenceSession.create(model, {
          // What a device has no operator for is computed by the CPU, operator by operator.
          executionProviders: [device],
          intraOpNumThreads: options.threads,
          interOpNumThreads: 1,
          // Hundreds of small sessions share one process: an arena in each would hold memory and, measured, gain no time.
          enableCpuMemArena: false,
          enableMemPattern: false,
          graphOptimizationLevel: "all",
          logSeverityLevel: 3,
          extra: {
            session: {
              model_external_initializers_file_folder_path: folder,
              disable_prepacking: options.packWeights ? "0" : "1",
              // Each session has its own threads; left spinning after a run, they take the cores from the next session's.
              force_spinning_stop: "1",
            },
          },
        }),
      );
      return new OnnxSession(session, device);
    } catch (error) {
      throw new EngineError(
        "ENGINE_FAILED",
        `onnxruntime refused a graph for ${device} over weights in ${folder}: ${message(error)}`,
        { cause: error },
      );
    }
  }

  /**
   * Runs the graph. `outputs` are written in place: fresh buffers for every call cost more than the arithmetic (page faults).
   */
  async run(inputs: Record<string, Array2>, outputs: Record<string, Array2>): Promise<void> {
    try {
      await call(this.device, () => this.session.run(tensors(inputs), tensors(outputs)));
    } catch (error) {
      throw new EngineError("ENGINE_FAILED", `onnxruntime failed: ${message(error)}`, { cause: error });
    }
  }

  async release(): Promise<void> {
    await call(this.device, () => this.session.release());
  }
}

const call = <T>(device: Device, inside: () => Promise<T>): Promise<T> =>
  guarded(() => (device === "webgpu" ? alone(inside) : inside()));

const tensors = (arrays: Record<string, Array2>): Record<string, ort.Tensor> =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, { data, dims }]) => [
      name,
      data instanceof BigInt64Array
        ? new ort.Tensor("int64", data, dims)
        : new ort.Tensor("float32", data, dims),
    ]),
  );

/** What onnxruntime says, without the place in its source that begins some of its messages. */
export const message = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replace(/^.*\bwas false\. /s, "");
