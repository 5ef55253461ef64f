import { readFile } from "node:fs/promises";
import path from "node:path";
import { readAnyTensor } from "../../oracles/read-any-tensor.ts";
import type { Linear, Norm } from "./weights.ts";

/** config.json as it is; each family knows its own keys. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the file holds.
export type Config = any;

/** The tensors of a folder under their names, as the reference wants them. */
export interface Tensors {
  matrix(name: string): Float64Array[];
  /** Null where the file has none. */
  vector(name: string): Float64Array | null;
  /** `[out, in]`, with a bias if the file has one. */
  linear(name: string): Linear;
  /** Without weight or bias where the file has none. */
  norm(name: string, kind: Norm["kind"], epsilon: number): Norm;
}

export async function readFolder(folder: string): Promise<{ config: Config; tensors: Tensors }> {
  const config = JSON.parse(await readFile(path.join(folder, "config.json"), "utf8"));
  const stored = await readAnyTensor(path.join(folder, "model.safetensors"));
  const matrix = (name: string): Float64Array[] => {
    const tensor = stored.get(name);
    if (!tensor) throw new Error(`${folder} has no tensor ${name}`);
    const [rows, columns] = tensor.shape as [number, number];
    return Array.from({ length: rows }, (_, i) =>
      Float64Array.from(tensor.data.slice(i * columns, (i + 1) * columns)),
    );
  };
  const vector = (name: string): Float64Array | null => {
    const tensor = stored.get(name);
    return tensor ? Float64Array.from(tensor.data) : null;
  };
  return {
    config,
    tensors: {
      matrix,
      vector,
      linear: (name) => ({ rows: matrix(`${name}.weight`), bias: vector(`${name}.bias`) }),
      norm: (name, kind, epsilon) => ({
        kind,
        epsilon,
        weight: vector(`${name}.weight`),
        bias: vector(`${name}.bias`),
      }),
    },
  };
}

export const blocksOf = <T>(count: number, block: (layer: number) => T): T[] =>
  Array.from({ length: count }, (_, l) => block(l));

/** Some outputs of a matrix, with their biases. */
export const part = ({ rows, bias }: Linear, wanted: (row: number) => boolean): Linear => ({
  rows: rows.filter((_, i) => wanted(i)),
  bias: bias?.filter((_, i) => wanted(i)) ?? null,
});
