import type { TensorLocation } from "../checkpoints/checkpoint.ts";

/** Looks a tensor of the checkpoint up by name; the names were checked when the model was opened. */
export type Tensors = (name: string) => TensorLocation;
