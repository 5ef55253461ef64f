import type { ModelFacts } from "../../src/architectures/architecture.ts";
import { hookName } from "../../src/hooks/hook-points.ts";
import type { ForwardPass } from "../../src/planner/forward-pass.ts";

/** The clean run, the corrupted run, and the corrupted run with every head's clean z at each of some positions. */
export function sweepOf(
  clean: readonly number[],
  corrupted: readonly number[],
  { layers, heads }: ModelFacts,
  positions: readonly number[],
): ForwardPass[] {
  const query = { tokens: [3, 7] };
  const passes: ForwardPass[] = [
    { tokens: clean, query },
    { tokens: corrupted, query },
  ];
  for (const position of positions)
    for (let layer = 0; layer < layers; layer++)
      for (let head = 0; head < heads; head++)
        passes.push({
          tokens: corrupted,
          query,
          edits: [{ hook: hookName("attn.hook_z", layer), head, position, scale: 0, value: { pass: 0 } }],
        });
  return passes;
}
