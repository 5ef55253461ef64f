import { rowWidth } from "../planner/row-buffers.ts";
import type { ModelSession } from "../session/model-session.ts";
import type { GradientAddress } from "./gradient-points.ts";
import { forwardPoints, hiddenNames } from "./tape.ts";

/** Bytes of activations that one backward pass holds, where none are given; one prompt may need more. */
const DEFAULT_MEMORY = 2 ** 29;
/** Rows of one backward pass: more would cost memory and gain nothing. */
const MAX_ROWS = 1024;

export interface TapeShape {
  /** Prompts of one backward pass, at least 1. */
  prompts: number;
  /** Whether what stands before the MLPs' activations is kept; otherwise it is computed again. */
  keepHidden: boolean;
}

/**
 * How many prompts go back together, each with `rows` rows and `extra` bytes, and what is kept of them: all that saves time as long as a full
 * pass fits, less where the memory would cut it short.
 */
export function tapeShape(
  session: ModelSession,
  addresses: readonly GradientAddress[],
  lowest: number,
  rows: number,
  extra: number,
  maxMemory = DEFAULT_MEMORY,
): TapeShape {
  const { facts } = session.spec;
  const layers = facts.layers - lowest;
  const perLayer = forwardPoints(facts).reduce((sum, point) => sum + rowWidth(point, facts), 0);
  const ofHooks = addresses.reduce((sum, { point }) => sum + rowWidth(point, facts), 0);
  const hidden = layers * facts.mlpWidth * hiddenNames(session).length;
  const bytes = (keepHidden: boolean) =>
    4 * rows * (layers * perLayer + ofHooks + (keepHidden ? hidden : 0)) + extra;
  const most = Math.max(1, Math.floor(MAX_ROWS / rows));
  const keepHidden = most * bytes(true) <= maxMemory;
  return { prompts: Math.max(1, Math.min(most, Math.floor(maxMemory / bytes(keepHidden)))), keepHidden };
}

/** Lists cut into parts of nearly equal size, at most `most`. */
export function evenParts<T>(items: readonly T[], most: number): T[][] {
  const count = Math.ceil(items.length / most);
  const size = Math.ceil(items.length / count);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
