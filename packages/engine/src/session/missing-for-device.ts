import { existsSync } from "node:fs";
import path from "node:path";
import type { Device } from "./device.ts";
import { offeredProviders, onnxruntimeVersion, providerFolder } from "./onnx-session.ts";

/** What of this machine decides whether a device can be used. */
export interface Surroundings {
  /** As `process.platform` and `process.arch`, joined by a dash. */
  platform: string;
  /** Names of the execution providers that onnxruntime-node has code for here. */
  offered: readonly string[];
  /** Where it looks for libraries that are not built in. */
  folder: string;
  exists: (file: string) => boolean;
}

export const surroundings = (): Surroundings => ({
  platform: `${process.platform}-${process.arch}`,
  offered: offeredProviders(),
  folder: providerFolder(),
  exists: existsSync,
});

/** Systems for which onnxruntime-node is built with each device. */
const BUILT_FOR: Record<Exclude<Device, "cpu">, string> = {
  webgpu: "Linux on x64, Windows, and macOS",
  cuda: "Linux on x64",
  coreml: "macOS",
  dml: "Windows",
};

/** Of CUDA: too large for the npm registry, hence fetched apart. */
const CUDA_LIBRARIES = ["libonnxruntime_providers_shared.so", "libonnxruntime_providers_cuda.so"];

/** What a device lacks on this machine, as far as it can be told without trying, with the way out; null where nothing is. */
export function missingForDevice(device: Device, here: Surroundings = surroundings()): string | null {
  if (device === "cpu") return null;
  if (!here.offered.includes(device))
    return `onnxruntime-node ${onnxruntimeVersion()} has no ${device} on ${here.platform} (it has on ${BUILT_FOR[device]}; here: ${["auto", "cpu", ...here.offered.filter(isOffered)].join(", ")})`;
  if (device !== "cuda") return null;
  const missing = CUDA_LIBRARIES.filter((name) => !here.exists(path.join(here.folder, name)));
  if (missing.length === 0) return null;
  return `${missing.join(" and ")} not found in ${here.folder} (npm does not ship them: node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12; docs/devices.md has the rest)`;
}

const isOffered = (name: string): boolean => name !== "cpu" && name in BUILT_FOR;
