import { getEventListeners } from "node:events";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../src/results/receipt.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import { createEngineClient } from "../../src/worker/index.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const engine = createEngineClient({ modelsFolder: path.join(ROOT, "models"), offline: true, threads: 1 });
afterAll(() => engine.close());

it("leaves nothing on a signal that serves many calls, whether they work or fail", async () => {
  const task = await loadTask(path.join(ROOT, "tasks", "country-capital.json"));
  const { signal } = new AbortController();
  const preview = (model: string) =>
    engine.preview({ model, task, settings: DEFAULT_SETTINGS, first: 1 }, { signal });
  const call = preview("recall-gpt2-1m");
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
  expect((await call).prompts).toHaveLength(1);
  await expect(preview("no-such-model")).rejects.toMatchObject({ code: "MODEL_NOT_FOUND" });
  expect(getEventListeners(signal, "abort")).toEqual([]);
});
