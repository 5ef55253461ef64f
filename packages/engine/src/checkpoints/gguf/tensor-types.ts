/** How a GGUF tensor type lies in the file: `block` numbers in `bytes` bytes, never across the end of a row. */
export interface TensorType {
  name: string;
  block: number;
  bytes: number;
}

/** The types that are read, by their number in the file (ggml.h, enum ggml_type). */
export const TENSOR_TYPES: ReadonlyMap<number, TensorType> = new Map([
  [0, { name: "F32", block: 1, bytes: 4 }],
  [1, { name: "F16", block: 1, bytes: 2 }],
  [30, { name: "BF16", block: 1, bytes: 2 }],
  [2, { name: "Q4_0", block: 32, bytes: 18 }],
  [3, { name: "Q4_1", block: 32, bytes: 20 }],
  [6, { name: "Q5_0", block: 32, bytes: 22 }],
  [7, { name: "Q5_1", block: 32, bytes: 24 }],
  [8, { name: "Q8_0", block: 32, bytes: 34 }],
  [12, { name: "Q4_K", block: 256, bytes: 144 }],
  [13, { name: "Q5_K", block: 256, bytes: 176 }],
  [14, { name: "Q6_K", block: 256, bytes: 210 }],
]);

export const SUPPORTED_TYPES: string = [...TENSOR_TYPES.values()].map(({ name }) => name).join(", ");
