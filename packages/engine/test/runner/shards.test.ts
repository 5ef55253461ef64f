import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS, type RunSettings } from "../../src/results/receipt.ts";
import type { FoundInFacts } from "../../src/results/so-far.ts";
import { openModel } from "../../src/runner/open-model.ts";
import { runTask } from "../../src/runner/run-task.ts";
import { assembleShards, planRun, type RunRequest, runShard } from "../../src/runner/shard-calls.ts";
import { deviceOfSource, sourceOf } from "../../src/runner/shards.ts";
import { soFar } from "../../src/runner/so-far.ts";
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

  it("tells what the facts of finished shards come to, as the report does of all", async () => {
    const { facts: ranges } = planRun(one, request);
    const shards: Awaited<ReturnType<typeof runShard>>[] = [];
    for (const range of ranges) shards.push(await runShard(one, request, { kind: "facts", ...range }, {}));
    // As a store keeps it.
    const found = shards.map((shard) => JSON.parse(JSON.stringify(shard.found)) as FoundInFacts);
    const facts = shards.map(({ bytes }) => bytes);
    const summary = await runShard(one, request, { kind: "summary", facts, startedAt: new Date() }, {});
    const { prediction, argumentPassing, ...report } = assembleShards(summary.bytes, [], 0);
    const bare = ({ value, n }: { value: number | null; n: number }) => ({ value, n });

    const all = soFar(found);
    expect([all.factsMeasured, all.factsKnown]).toEqual([report.task.factsAdmitted, report.task.factsKnown]);
    expect(bare(all.top1)).toEqual(bare(prediction.top1));
    expect(bare(all.probability)).toEqual(bare(prediction.probability));
    expect(all.heads.map(({ label, effect }) => [label, bare(effect)])).toEqual(
      argumentPassing.heads
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ label, effect }) => [label, bare(effect)]),
    );
    for (const { low, high, reason } of [all.top1, all.probability, all.heads[0]!.effect])
      expect({ low, high, reason }).toEqual({
        low: null,
        high: null,
        reason: "no interval before the run has ended",
      });

    // Of some facts: by hand, from what the report keeps of each prompt.
    for (const [i, { from, to }] of ranges.entries()) {
      const own = soFar([found[i]!]);
      const prompts = report.prompts.filter(({ fact }) => fact >= from && fact < to);
      const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      expect(own.factsMeasured).toBe(to - from);
      expect(own.top1.value).toBeCloseTo(mean(prompts.map(({ rank }) => Number(rank === 0))), 12);
      expect(own.probability.value).toBeCloseTo(mean(prompts.map(({ probability }) => probability)), 12);
      const array = (name: string) => report.arrays.find((each) => each.name === `patching.${name}`)!;
      const rows = array("clean").axes[0]!.labels.flatMap((prompt, row) =>
        prompts.some(({ index }) => String(index) === prompt) ? [row] : [],
      );
      const [clean, corrupted, noising, denoising] = (
        ["clean", "corrupted", "noising", "denoising"] as const
      ).map((name) => array(name).values);
      const heads = argumentPassing.heads.length;
      const total = mean(rows.map((row) => clean![row]! - corrupted![row]!));
      const expected = argumentPassing.heads.map(({ label }, head) => {
        const at = (row: number) => row * heads + head;
        const lost = mean(rows.map((row) => clean![row]! - noising![at(row)]!));
        const gained = mean(rows.map((row) => denoising![at(row)]! - corrupted![row]!));
        return { label, value: (lost + gained) / 2 / total };
      });
      for (const { label, value } of expected)
        expect(own.heads.find((head) => head.label === label)!.effect.value).toBeCloseTo(value, 5);
      const values = own.heads.map(({ effect }) => effect.value!);
      expect(values).toEqual(values.toSorted((a, b) => b - a));
      expect(own.heads[0]!.effect.n).toBeLessThanOrEqual(own.factsKnown);
      expect(Math.abs(own.probability.value! - all.probability.value!)).toBeGreaterThan(1e-4);
    }
  });

  it("says why nothing can be summarised where no fact is known, and stops when told to", async () => {
    const nonsense = {
      ...task,
      facts: task.facts.map((fact, i) => ({ ...fact, answer: task.facts.at(i - 1)!.answer })),
    };
    const unknown = { ...request, task: nonsense };
    const { facts } = planRun(one, unknown);
    const shards = await Promise.all(
      facts.map((range) => runShard(one, unknown, { kind: "facts", ...range }, {})),
    );
    const measured = shards.map(({ bytes }) => bytes);
    const found = soFar(shards.map((shard) => shard.found!));
    expect(found).toMatchObject({ factsMeasured: 20, factsKnown: 0, top1: { value: 0, n: 20 } });
    expect(new Set(found.heads.map(({ effect }) => effect.reason))).toEqual(new Set(["no usable pair"]));
    expect(found.heads.every(({ effect }) => effect.value === null)).toBe(true);
    const startedAt = new Date();
    await expect(
      runShard(one, unknown, { kind: "summary", facts: measured, startedAt }, {}),
    ).rejects.toMatchObject({ code: "NO_KNOWN_FACTS" });
    await expect(
      runShard(one, request, { kind: "facts", from: 0, to: 4 }, { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
