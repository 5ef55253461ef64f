import { open } from "node:fs/promises";
import { f16BitsOf } from "../../../packages/engine/src/checkpoints/read-tensor.ts";
import { hookName } from "../../../packages/engine/src/hooks/hook-points.ts";
import { execute } from "../../../packages/engine/src/planner/execute.ts";
import type { RunSettings } from "../../../packages/engine/src/results/receipt.ts";
import { askTask } from "../../../packages/engine/src/runner/ask-task.ts";
import { openModel } from "../../../packages/engine/src/runner/open-model.ts";
import type { Task } from "../../../packages/engine/src/tasks/task.ts";

/** How far apart the logits of the right answer and of others come to lie, in the order of magnitude. */
const LENGTH = 20;

/**
 * A random model knows nothing, and a run needs facts that are known: the unembedding row of each answer becomes the direction in which the final state of
 * its prompt differs from those of the others.
 */
export async function plantAnswers(
  folder: string,
  task: Task,
  settings: RunSettings,
  threads: number,
): Promise<void> {
  const model = await openModel(folder, { modelsFolder: folder, offline: true }, threads);
  try {
    const { prepared } = askTask(model, task, settings);
    const { session, instruments } = model;
    const { layers, width } = session.spec.facts;
    const hook = hookName("hook_resid_post", layers - 1);
    const results = await execute(
      session,
      prepared.prompts.map(({ tokens }) => ({ tokens, capture: [{ hook, positions: "last" as const }] })),
    );
    const states = results.map(({ captures }) => instruments.normalise(captures.get(hook)!));
    const mean = Float64Array.from({ length: width }, (_, i) =>
      states.reduce((sum, state) => sum + state[i]! / states.length, 0),
    );
    const { file, offset } = session.tensor(session.spec.unembedding.weight);
    const handle = await open(file, "r+");
    try {
      for (const [i, { answerToken }] of prepared.prompts.entries()) {
        // Without what points along the mean: all prompts have that, and it would raise one answer for all of them.
        const share = dot(states[i]!, mean) / dot(mean, mean);
        const direction = states[i]!.map((x, d) => x - share * mean[d]!);
        const norm = Math.hypot(...direction);
        const row = f16BitsOf(direction.map((x) => (LENGTH * x) / norm));
        await handle.write(new Uint8Array(row.buffer), 0, row.byteLength, offset + 2 * width * answerToken);
      }
    } finally {
      await handle.close();
    }
  } finally {
    await model.session.close();
  }
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
};
