import path from "node:path";
import type { FoundInFacts } from "@recallscope/engine";
import { createEngineClient } from "@recallscope/engine/worker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, readConfig } from "../src/env.ts";
import { beginAnew } from "../src/shards/begin-anew.ts";
import { computeShard, type RunInHand } from "../src/shards/compute-shard.ts";
import { finishRun } from "../src/shards/finish-run.ts";
import { finishShard, type ShardOutcome } from "../src/shards/finish-shard.ts";
import { claimShard } from "../src/shards/ticket-claims.ts";
import type { FakeEngine } from "./support/fake-engine.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

const MODELS = path.join(ROOT, "models");
const ESTIMATE = "{ value low high n reason }";
const SO_FAR = `query ($id: ID!) { run(id: $id) { soFar {
  factsMeasured factsAdmitted factsKnown top1 ${ESTIMATE} probability ${ESTIMATE}
  heads(first: 3) { label layer head effect ${ESTIMATE} } all: heads { label }
} } }`;

let platform: TestPlatform;
const engine = createEngineClient({ modelsFolder: MODELS, offline: true });
beforeAll(async () => {
  const worker = { ...readConfig({}).worker, enabled: false };
  // The real engine, but no worker: this test takes each shard itself.
  platform = await testPlatform({ engine: engine as FakeEngine, modelsFolder: MODELS, worker });
});
afterAll(async () => {
  await platform.stop();
  await engine.close();
});

const soFarOf = async (id: string): Promise<Loose> => {
  const { data, errors } = await platform.graphql<Loose>(SO_FAR, { id });
  expect(errors).toBeUndefined();
  return data.run.soFar;
};
/** A run that this test works on. */
async function underWay(settings: object) {
  const { id, key } = await platform.createRun({
    model: "recall-gpt2",
    settings: { analyses: [], ...settings },
  });
  const { prisma } = platform.services;
  expect(await soFarOf(id)).toBeNull();
  const row = await prisma.run.findFirstOrThrow({ where: { key } });
  const run: RunInHand = await prisma.run.update({
    where: { id: row.id },
    data: { status: "RUNNING", startedAt: new Date(), attempts: 1 },
    include: { model: true, task: true },
  });
  const claim = async () => (await claimShard(prisma, { runId: run.id, id: "job#0" }, "test"))!;
  const finish = async (shard: Awaited<ReturnType<typeof claim>>, outcome: ShardOutcome) =>
    expect(await finishShard(platform.services, shard, outcome)).toMatchObject({ stored: true });
  return { id, run, claim, finish };
}

describe("what a run found so far", () => {
  it("is of the facts in finished shards, and in the end the report's own numbers", async () => {
    const { services, statements } = platform;
    const { id, run, claim, finish } = await underWay({ seed: 71, bootstrapSamples: 100 });
    const compute = (shard: Awaited<ReturnType<typeof claim>>) =>
      computeShard(services, run, shard, { signal: new AbortController().signal, onProgress: () => {} });
    const plan = await claim();
    await finish(plan, await compute(plan));
    expect(await soFarOf(id)).toBeNull();
    const reads = () => statements.filter((text) => /^select\b.*"found"/is.test(text)).length;

    const shards = [await claim(), await claim(), await claim()];
    expect(shards.map(({ kind }) => kind)).toEqual(["FACTS", "FACTS", "FACTS"]);
    const seen: { facts: number[]; soFar: Loose }[] = [];
    // Not in order: three workers need not end in turn.
    for (const [nth, place] of [2, 0, 1].entries()) {
      const shard = shards[place]!;
      await finish(shard, await compute(shard));
      const before = reads();
      const [soFar, ...others] = await Promise.all([soFarOf(id), soFarOf(id), soFarOf(id)]);
      expect(others).toEqual([soFar, soFar]);
      expect(await soFarOf(id)).toEqual(soFar);
      expect(reads()).toBe(before + 1);
      const ranges = [2, 0, 1].slice(0, nth + 1).map((done) => shards[done]!);
      const facts = ranges.flatMap(({ from, to }) =>
        Array.from({ length: to! - from! }, (_, i) => from! + i),
      );
      expect(soFar).toMatchObject({ factsMeasured: facts.length, factsAdmitted: 48 });
      for (const { low, high, reason } of [soFar.top1, soFar.probability, soFar.heads[0].effect])
        expect([low, high, reason]).toEqual([null, null, "no interval before the run has ended"]);
      seen.push({ facts, soFar });
    }
    // What is sent with progress holds none of it.
    const before = reads();
    await platform.graphql(`query ($id: ID!) { run(id: $id) { shards { index status fraction } } }`, { id });
    expect(reads()).toBe(before);

    const summary = await claim();
    await finish(summary, await compute(summary));
    expect(await soFarOf(id)).toEqual(seen[2]!.soFar);
    expect(await finishRun(services, run, await claim())).toBe(true);
    expect(await soFarOf(id)).toBeNull();

    const { data } = await platform.graphql<Loose>(
      `query ($id: ID!) { run(id: $id) {
        taskReport { factsKnown facts { known } }
        prediction { top1 { value n } probability { value n } }
        argumentPassing { heads(orderBy: EFFECT) { label effect { value n } } }
      } }`,
      { id },
    );
    const report = data.run;
    const bare = ({ value, n }: Loose) => ({ value, n });
    const { soFar: last } = seen[2]!;
    expect(last.factsMeasured).toBe(48);
    expect(last.factsKnown).toBe(report.taskReport.factsKnown);
    expect(bare(last.top1)).toEqual(report.prediction.top1);
    expect(bare(last.probability)).toEqual(report.prediction.probability);
    const heads = report.argumentPassing.heads;
    expect(last.heads.map(({ label, effect }: Loose) => ({ label, effect: bare(effect) }))).toEqual(
      heads.slice(0, 3),
    );
    expect(last.all.map(({ label }: Loose) => label)).toEqual(heads.map(({ label }: Loose) => label));

    // Of some facts: by hand, from what the report keeps of each prompt.
    const prompts = await services.prisma.prompt.findMany({ where: { runId: run.id } });
    for (const { facts, soFar } of seen) {
      const own = prompts
        .map(({ content }) => content as { fact: number; rank: number; probability: number })
        .filter(({ fact }) => facts.includes(fact));
      const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      expect(soFar.top1.value).toBeCloseTo(mean(own.map(({ rank }) => Number(rank === 0))), 12);
      expect(soFar.probability.value).toBeCloseTo(mean(own.map(({ probability }) => probability)), 12);
      const known = facts.filter((fact) => report.taskReport.facts[fact].known);
      expect(soFar.factsKnown).toBe(known.length);
    }
    const values = seen.map(({ soFar }) => soFar.probability.value);
    expect(new Set(values).size).toBe(3);
  });

  it("is forgotten when the run begins anew, or is cancelled", async () => {
    const { prisma } = platform.services;
    const { id, run, claim, finish } = await underWay({ seed: 72 });
    const ranges = [
      { from: 0, to: 1 },
      { from: 1, to: 3 },
    ];
    const plan = { plan: { facts: ranges, further: [], source: "s" }, fingerprint: null, seconds: 1 };
    const shardWith = (found: FoundInFacts | null) => ({
      source: "s",
      seconds: 1,
      bytes: new Uint8Array(4),
      found,
    });
    const aFact = (probability: number, effect: number): FoundInFacts => ({
      layers: 1,
      heads: 2,
      facts: [
        {
          top1: { sum: 1, count: 2 },
          probability: { sum: 2 * probability, count: 2 },
          patching: { pairs: 1, total: 4, effect: [4 * effect, 0] },
        },
      ],
    });
    await finish(await claim(), plan);
    await finish(await claim(), shardWith(aFact(0.25, 0.5)));
    expect(await soFarOf(id)).toMatchObject({
      factsMeasured: 1,
      factsAdmitted: 3,
      factsKnown: 1,
      top1: { value: 0.5, n: 1 },
      probability: { value: 0.25, n: 1 },
      heads: [
        { label: "L0H0", effect: { value: 0.5, n: 1 } },
        { label: "L0H1", effect: { value: 0 } },
      ],
    });
    await beginAnew(prisma, run.id);
    expect(await soFarOf(id)).toBeNull();
    await finish(await claim(), plan);
    // JSON keeps no NaN: what was no number must not be read as 0.
    await finish(await claim(), shardWith(aFact(0.75, Number.NaN)));
    const again = await soFarOf(id);
    expect(again.probability.value).toBe(0.75);
    expect(again.heads.map(({ label, effect }: Loose) => [label, effect.value])).toEqual([
      ["L0H1", 0],
      ["L0H0", null],
    ]);
    // A shard of an earlier version, which told nothing.
    await finish(await claim(), shardWith(null));
    expect(await soFarOf(id)).toMatchObject({ factsMeasured: 1, factsAdmitted: 3 });
    expect(await platform.codeOf(SO_FAR.replace("first: 3", "first: -1"), { id })).toBe("BAD_USER_INPUT");
    await platform.graphql(`mutation ($id: ID!) { cancelRun(input: { id: $id }) { run { id } } }`, { id });
    expect(await soFarOf(id)).toBeNull();
  });
});
