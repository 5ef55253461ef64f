import type { GraphTraits } from "../graph/graph-builder.ts";

/** What graphs are computed on, by the names of onnxruntime's execution providers. */
export const DEVICES = ["cpu", "webgpu", "cuda", "coreml", "dml"] as const;
export type Device = (typeof DEVICES)[number];

/** `auto`: the fastest of those that this machine has and that agree with the CPU. */
export const DEVICE_CHOICES = ["auto", ...DEVICES] as const;
export type DeviceChoice = (typeof DEVICE_CHOICES)[number];

/** What products with the model's matrices are computed in; everything else is float32. */
export const PRECISIONS = ["F32", "F16"] as const;
export type Precision = (typeof PRECISIONS)[number];
export const DEFAULT_PRECISION: Precision = "F32";

/** As receipts and self-checks name it. */
export type ComputeDtype = "float32" | "float16";
export const computeDtypeOf = (precision: Precision): ComputeDtype =>
  precision === "F16" ? "float16" : "float32";

/** Numbers are computed the same way everywhere unless somebody asks for another device. */
export const DEFAULT_DEVICE: Device = "cpu";

/** Devices that have a memory of their own: weights in any type are copied into it. */
export const copiesWeights = (device: Device): boolean => device !== "cpu";

/**
 * Whether the operator of RMSNorm is known to say what it divided by. That of WebGPU in onnxruntime 1.30 gives the mean of the row instead, without an error; the
 * others have not been tried.
 */
export const givesRmsScale = (device: Device): boolean => device === "cpu";

export const graphTraits = (device: Device, precision: Precision): GraphTraits => ({
  rmsScale: givesRmsScale(device),
  halfProducts: precision === "F16",
});
