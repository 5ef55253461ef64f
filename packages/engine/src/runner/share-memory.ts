import { freemem, totalmem } from "node:os";
import { EngineError } from "../errors.ts";
import { type ModelMemory, USUAL_MEMORY, type WeightNeed } from "../session/model-memory.ts";

/** Of the free memory that is taken where no size is given; the rest is for the process itself, results and everyone else. */
const SHARE_OF_FREE = 0.8;
/** Activations need this much at least. */
const LEAST_ACTIVATIONS = 2 ** 25;

/** Bytes that this process could take without anything being swapped out or killed; files in the page cache count as free. */
export function freeMemory(): number {
  const limit = process.constrainedMemory();
  // 0, or a number beyond the machine, where nothing limits the process.
  const own = limit > 0 && limit < totalmem() ? limit - process.memoryUsage.rss() : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(freemem(), own));
}

/**
 * Divides memory between weights and activations. Where all weights fit, activations get the rest of a size that was given; where they do not,
 * blocks are streamed, and activations get what is usual or a quarter.
 * @param given bytes for both together; undefined: as much as the machine has free
 * @throws EngineError OUT_OF_MEMORY where not even one block would fit
 */
export function shareMemory(
  { whole, least }: WeightNeed,
  given: number | undefined,
  name: string,
  free = freeMemory(),
): ModelMemory {
  const usable = given ?? SHARE_OF_FREE * free;
  const needed = least + LEAST_ACTIVATIONS;
  if (usable < needed)
    throw new EngineError(
      "OUT_OF_MEMORY",
      `memory for ${name}: ${size(usable)} ${given === undefined ? `(of ${size(free)} free)` : "given"}, and its largest block needs ${size(needed)} (${given === undefined ? "free some, or take a machine with more" : "raise --max-memory"})`,
    );
  if (whole + USUAL_MEMORY.activations <= usable) {
    if (given === undefined) return { ...USUAL_MEMORY, weights: usable - USUAL_MEMORY.activations };
    return { weights: whole, activations: given - whole, tape: given - whole };
  }
  const rest = Math.min(Math.max(usable / 4, LEAST_ACTIVATIONS), usable - least);
  const activations = Math.min(USUAL_MEMORY.activations, rest);
  return { weights: usable - activations, activations, tape: Math.min(USUAL_MEMORY.tape, rest) };
}

const size = (bytes: number): string =>
  bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(Math.ceil(bytes / 1e8) / 10).toFixed(1)} GB`;
