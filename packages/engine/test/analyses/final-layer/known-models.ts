import { expect } from "vitest";
import type { FurtherContext } from "../../../src/analyses/further.ts";
import { FactBootstrap } from "../../../src/math/fact-bootstrap.ts";
import { measureTask } from "../../../src/runner/run-task.ts";
import {
  buildModelM,
  type ModelMOptions,
  openSynthetic,
  type SyntheticModel,
  syntheticSettings,
} from "../../synthetic/model-m-folder.ts";

/** Model M measured on relation 0, and still open: call `close` when done. */
export async function measuredM(options: ModelMOptions = {}): Promise<{
  model: SyntheticModel;
  context: FurtherContext;
  close: () => Promise<void>;
}> {
  const model = await buildModelM(options);
  const open = await openSynthetic(model.folder);
  const { context } = await measureTask(open, model.tasks[0]!, syntheticSettings());
  return { model, context, close: () => open.session.close() };
}

/** The same run with its last `count` facts unknown to the model. */
export function withUnknown(context: FurtherContext, count: number): FurtherContext {
  const kept = context.measured.length - count;
  const { bootstrapSamples, seed } = context.settings;
  return {
    ...context,
    measured: context.measured.slice(0, kept),
    unknown: context.measured.slice(kept),
    bootstrap: new FactBootstrap(kept, bootstrapSamples, seed),
  };
}

/** Every token alike but one: log f is 1 on it and 0 elsewhere, up to scale and mean. */
export const countsWith = (vocabulary: number, frequent: number): number[] =>
  Array.from({ length: vocabulary }, (_, v) => (v === frequent ? 100 : 10));

/** p of the first of some logits, the rest of the vocabulary being 0. */
export function probability(logits: readonly number[], vocabulary: number): number {
  const total = logits.reduce((sum, x) => sum + Math.exp(x), vocabulary - logits.length);
  return Math.exp(logits[0]!) / total;
}

export function near(actual: number | null | undefined, expected: number, tolerance = 1e-4): void {
  expect(actual).not.toBeNull();
  expect(Math.abs(actual! - expected), `${actual} (expected ${expected})`).toBeLessThan(tolerance);
}
