import { totalmem } from "node:os";

const GB = 2 ** 30;

/** What a run needs beside the model's numbers: graphs, activations of a batch, statistics. Measured with 135 million parameters: 1.7 GB. */
const WORKING_SET = 1.5 * GB;

/** Bytes a worker needs for runs of a model with so many parameters, which it holds as float32. */
export const memoryOfRun = (parameters: number): number => 4 * parameters + WORKING_SET;

/** Gigabytes that queues stand for: a run waits in the smallest that holds it. */
export const MEMORY_CLASSES = [2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512] as const;
export type MemoryClass = (typeof MEMORY_CLASSES)[number];

/** @param bytes null: unknown, as the model has not been opened yet */
export const memoryClass = (bytes: number | null): MemoryClass =>
  MEMORY_CLASSES.find((size) => (bytes ?? 0) <= size * GB) ?? MEMORY_CLASSES.at(-1)!;

/** Bytes that runs may take on a worker where nobody has said how many: what leaves a fifth of this machine free. */
export const usualMemory = (): number => Math.max(MEMORY_CLASSES[0] * GB, 0.8 * totalmem());

/** The classes that a worker with so much memory can take, the largest first: what only few can do is done first. */
export const classesWithin = (bytes: number | null): MemoryClass[] =>
  MEMORY_CLASSES.filter((size) => bytes === null || size * GB <= bytes).reverse();
