import { rowWidth } from "../planner/row-buffers.ts";
import type { ModelSession } from "../session/model-session.ts";
import { GRADIENT_POINTS, type GradientAddress, type GradientPoint } from "./gradient-points.ts";
import { forwardPoints, hiddenNames } from "./tape.ts";

/** Rows of one backward pass: more would cost memory and gain nothing. */
const MAX_ROWS = 1024;

export interface TapeShape {
  /** Prompts of one backward pass, at least 1. */
  prompts: number;
  /** Whether what stands before the MLPs' activations is kept; otherwise it is computed again. */
  keepHidden: boolean;
}

/** What one backward pass is asked for. */
export interface TapeDemand {
  /** Prompts there are; more never go back together. */
  count: number;
  /** Positions of each prompt. */
  length: number;
  /** Positions of each prompt that are computed. */
  rows: number;
  /** Hooks whose activations the tape keeps. */
  addresses: readonly GradientAddress[];
  /** The lowest layer that is gone back to. */
  lowest: number;
  /** Numbers that are held per position besides: what other runs gave. */
  beside: number;
}

/** Patterns `[head, query, key]` of one layer that the way back through its attention holds at once. */
const PATTERNS = 5;

/**
 * How many prompts go back together, and whether what stands before the MLPs' activations is kept: that saves time as long as all prompts of a
 * pass fit with it, and would cut the pass short where they do not. One prompt may need more than `maxMemory`.
 */
export function tapeShape(
  session: ModelSession,
  { count, length, rows, addresses, lowest, beside }: TapeDemand,
  maxMemory = session.memory.tape,
): TapeShape {
  const { facts } = session.spec;
  const layers = facts.layers - lowest;
  const widthOf = (points: readonly GradientPoint[]) =>
    points.reduce((sum, point) => sum + rowWidth(point, facts), 0);
  const kept = layers * widthOf(forwardPoints(facts)) + widthOf(addresses.map(({ point }) => point));
  // One layer's gradients, the residual stream before and after a block, and what the block's form adds between them.
  const gradients = widthOf(GRADIENT_POINTS) + 3 * facts.width;
  const names = hiddenNames(session).length;
  const bytes = (keepHidden: boolean) => {
    // Hidden values of one layer, if they are not kept, their gradients, and that of the activation.
    const ofLayer = facts.mlpWidth * (keepHidden ? names + 1 : 2 * names + 1);
    const hidden = ofLayer + (keepHidden ? layers * facts.mlpWidth * names : 0);
    const perRow = kept + gradients + hidden + PATTERNS * facts.heads * length;
    return 4 * (rows * perRow + length * beside);
  };
  const most = Math.max(1, Math.min(count, Math.floor(MAX_ROWS / rows)));
  const keepHidden = most * bytes(true) <= maxMemory;
  return { prompts: Math.max(1, Math.min(most, Math.floor(maxMemory / bytes(keepHidden)))), keepHidden };
}

/** Lists cut into parts of nearly equal size, at most `most`. */
export function evenParts<T>(items: readonly T[], most: number): T[][] {
  const count = Math.ceil(items.length / most);
  const size = Math.ceil(items.length / count);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
