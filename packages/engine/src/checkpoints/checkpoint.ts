export type Dtype = "F32" | "F16" | "BF16";

export interface TensorShape {
  name: string;
  shape: readonly number[];
  /** Absolute path of the file with symbolic links resolved. */
  file: string;
}

/** Where a tensor lies on disk; never its values. */
export interface TensorLocation extends TensorShape {
  dtype: Dtype;
  /** Byte offset in the file and length in bytes. */
  offset: number;
  length: number;
}

/** A model that has been opened and checked, but not read. */
export interface Checkpoint {
  /** What the user called it. */
  name: string;
  /** Its folder or GGUF file. */
  source: string;
  /** config.json as it is, or what it would be for a GGUF file. */
  config: Record<string, unknown>;
  /** Number formats of the weights in the model's own files, sorted. */
  types: readonly string[];
  tensors: ReadonlyMap<string, TensorLocation>;
  /** sha-256 over config.json and the weight files, or over the GGUF file. */
  weightHash: string;
}
