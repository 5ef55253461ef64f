import { describe, expect, it } from "vitest";
import { shareMemory } from "../../src/runner/share-memory.ts";
import { USUAL_MEMORY } from "../../src/session/model-memory.ts";

const GB = 1e9;
const large = { whole: 26 * GB, least: 2 * GB };
const small = { whole: 0.5 * GB, least: 0.1 * GB };

describe("memory of a model", () => {
  it("gives activations what is usual where everything fits and no size is given", () => {
    const { activations, tape, weights } = shareMemory(small, undefined, "m", 16 * GB);
    expect({ activations, tape }).toEqual({ activations: USUAL_MEMORY.activations, tape: USUAL_MEMORY.tape });
    expect(weights).toBe(0.8 * 16 * GB - USUAL_MEMORY.activations);
  });

  it("gives activations the rest of a given size", () => {
    expect(shareMemory(small, 2 * GB, "m", 16 * GB)).toEqual({
      weights: 0.5 * GB,
      activations: 1.5 * GB,
      tape: 1.5 * GB,
    });
  });

  it("streams what does not fit, with the usual batches where they fit beside a block", () => {
    const { weights, activations } = shareMemory(large, 12 * GB, "m", 16 * GB);
    expect(activations).toBe(USUAL_MEMORY.activations);
    expect(weights + activations).toBe(12 * GB);
    const tight = shareMemory(large, 2.1 * GB, "m", 16 * GB);
    expect(tight.weights).toBeCloseTo(2 * GB, -1);
    expect(tight.activations).toBeCloseTo(0.1 * GB, -1);
  });

  it("refuses what not even one block fits into, and says how much it needs", () => {
    expect(() => shareMemory(large, 2 * GB, "m", 16 * GB)).toThrow(
      /memory for m: 2\.0 GB given, and its largest block needs 2\.1 GB \(raise --max-memory\)/,
    );
    expect(() => shareMemory(large, undefined, "m", 2 * GB)).toThrow(/1\.6 GB \(of 2\.0 GB free\)/);
  });
});
