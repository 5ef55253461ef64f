import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, type RunSettings } from "../../src/results/receipt.ts";
import { openModel } from "../../src/runner/open-model.ts";
import { runTask } from "../../src/runner/run-task.ts";
import { assembleShards, planRun, type RunRequest, runShard } from "../../src/runner/shard-calls.ts";
import { deviceOfSource, sourceOf } from "../../src/runner/shards.ts";
import { loadTask } from "../../src/tasks/load-task.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const MODELS = path.join(ROOT, "models");

describe("a run in shards", async () => {
  const open = () =>
    openModel("recall-gpt2", { modelsFolder: MODELS, cacheFolder: MODELS, offline: true }, 1);
  // As on two machines: nothing is shared but what the shards give.
  const [one, other] = [await open(), await open()];
  afterAll(() => Promise.all([one.session.close(), other.session.close()]));
  const whole = await loadTask(path.join(ROOT, "tasks", "country-capital.json"));
  const task = { ...whole, facts: whole.facts.slice(0, 20) };
  const settings: RunSettings = {
    ...DEFAULT_SETTINGS,
    analyses: ["ov-circuit", "source-attribution"],
    bootstrapSamples: 100,
    leadIns: 4,
  };
  const request: RunRequest = { model: "recall-gpt2", task, settings };

  it("gives the numbers of the run as a whole, wherever each was computed", async () => {
    const plan = planRun(one, request);
    expect(plan.facts.length).toBeGreaterThan(1);
    expect(plan.facts[0]!.from).toBe(0);
    for (const [i, { from }] of plan.facts.slice(1).entries()) expect(from).toBe(plan.facts[i]!.to);
    expect(plan.further).toEqual(["source-attribution", "ov-circuit"]);
    expect(planRun(other, request)).toEqual(plan);
    const elsewhere = { ...one, session: Object.create(one.session, { device: { value: "webgpu" } }) };
    expect(sourceOf(elsewhere)).toBe(plan.source.replace("device cpu", "device webgpu"));
    expect(sourceOf(elsewhere)).not.toBe(plan.source);
    expect([plan.source, sourceOf(elsewhere), "weights x"].map(deviceOfSource)).toEqual([
      "cpu",
      "webgpu",
      null,
    ]);

    const progress: number[] = [];
    const onProgress = ({ fraction }: { fraction: number }) => void progress.push(fraction);
    const facts = await Promise.all(
      plan.facts.map((range, i) =>
        runShard(i % 2 ? one : other, request, { kind: "facts", ...range }, { onProgress }),
      ),
    );
    const startedAt = new Date("2026-01-01T00:00:00Z");
    const measured = facts.map(({ bytes }) => bytes);
    const summary = await runShard(one, request, { kind: "summary", facts: measured, startedAt }, {});
    const further = await Promise.all(
      plan.further.map((id) => runShard(other, request, { kind: "further", id, summary: summary.bytes }, {})),
    );
    const all = [...facts, summary, ...further];
    expect(new Set(all.map(({ source }) => source))).toEqual(new Set([plan.source]));
    const seconds = all.reduce((sum, own) => sum + own.seconds, 0);
    const report = assembleShards(
      summary.bytes,
      further.map(({ bytes }) => bytes),
      seconds,
    );

    const undivided = await runTask(one, task, settings);
    expect(Object.keys(undivided.further!)).toHaveLength(2);
    expect({ ...report, receipt: null }).toEqual({ ...undivided, receipt: null });
    expect(report.receipt).toEqual({ ...undivided.receipt, seconds, startedAt: startedAt.toISOString() });
    expect(Math.max(...progress)).toBe(1);
    expect(progress.every((share) => share >= 0 && share <= 1)).toBe(true);
  });

  it("says why nothing can be summarised where no fact is known, and stops when told to", async () => {
    const nonsense = {
      ...task,
      facts: task.facts.map((fact, i) => ({ ...fact, answer: task.facts.at(i - 1)!.answer })),
    };
    const unknown = { ...request, task: nonsense };
    const { facts } = planRun(one, unknown);
    const measured = await Promise.all(
      facts.map(async (range) => (await runShard(one, unknown, { kind: "facts", ...range }, {})).bytes),
    );
    const startedAt = new Date();
    await expect(
      runShard(one, unknown, { kind: "summary", facts: measured, startedAt }, {}),
    ).rejects.toMatchObject({ code: "NO_KNOWN_FACTS" });
    await expect(
      runShard(one, request, { kind: "facts", from: 0, to: 4 }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
