export type Dtype = "F32" | "F16" | "BF16";

/** Where a tensor lies on disk; never its values. */
export interface TensorLocation {
  name: string;
  dtype: Dtype;
  shape: readonly number[];
  /** Absolute path of the file with symbolic links resolved. */
  file: string;
  /** Byte offset in the file and length in bytes. */
  offset: number;
  length: number;
}

/** A model folder that has been opened and checked, but not read. */
export interface Checkpoint {
  /** What the user called it. */
  name: string;
  folder: string;
  /** config.json as it is. */
  config: Record<string, unknown>;
  tensors: ReadonlyMap<string, TensorLocation>;
  /** sha-256 over config.json and the weight files. */
  weightHash: string;
}
