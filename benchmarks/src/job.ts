import type { Pairs } from "./model/pairs.ts";

/** A head by layer and number. */
export type Head = readonly [layer: number, head: number];

interface Common {
  /** Folder of the model. */
  model: string;
  threads: number;
}

/** What both sides are given as JSON; `peers/common.py` reads the same. */
export type Job = Common &
  (
    | {
        kind: "cache";
        prompts: number[][];
        /** Prompts whose numbers are handed back to be compared. */
        compared: number;
      }
    /** Patches clean z into the corrupted run, at each position; results `[head][position][pair]`. */
    | ({ kind: "head-sweep"; heads: Head[]; positions: number[] } & Pairs)
    /** Corrupted output of each sender into the clean run, attention of other heads frozen; results `[sender][pair]`. */
    | ({ kind: "path-final"; heads: Head[] } & Pairs)
    | ({ kind: "path-queries"; heads: Head[]; receivers: Head[] } & Pairs)
    /** (clean - corrupted) . gradient at the corrupted run; results `[layer][head][pair][position]`. */
    | ({ kind: "attribution" } & Pairs)
    /** Activations `[prompt][column][width]` from a file of float32, columns = every head, every MLP, what every MLP reads. */
    | {
        kind: "decomposition";
        activations: string;
        prompts: number;
        columns: number;
        width: number;
        layers: number;
        heads: number;
      }
    | { kind: "prefix-sharing"; prompts: number[][]; answer: number; wrong: number }
    | { kind: "matmul"; size: number }
  );

export type JobKind = Job["kind"];
export type JobOf<K extends JobKind> = Extract<Job, { kind: K }>;

/** Named arrays that both sides must agree on. */
export type Numbers = Record<string, Float32Array>;
