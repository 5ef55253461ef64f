import type { GgufMetadata } from "./metadata.ts";

/** What llama.cpp's converter did to a tensor's numbers, and has to be undone. */
export type Change =
  /** Nothing. */
  | "none"
  /** Rows of each head were sorted so that the halves a rotation mixes lie side by side. */
  | { rotaryPairsOf: "heads" | "kvHeads" }
  /** `[in, out]` was written as `[out, in]`. */
  | "transposed"
  /** The 1 that the architecture adds to its gain was added. */
  | "plusOne"
  /** Rows q, k, v of each head were sorted to all q, all k, all v. */
  | "fused";

export interface TensorRule {
  /** Name in the architecture, `{layer}` for the number of a block; null for what no graph reads. */
  name: string | null;
  change: Change;
}

/** How the GGUF files of one `general.architecture` say what config.json and model.safetensors of the same model say. */
export interface Family {
  /** `general.architecture`. */
  name: string;
  /** By the name in the file, `blk.{layer}.` for a block, without `.weight` and `.bias`. */
  tensors: Readonly<Record<string, TensorRule>>;
  /** config.json of the model. Reads every key of the file that matters; the others are refused. */
  config(metadata: GgufMetadata): Record<string, unknown>;
}
