import { afterAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/math/random.ts";
import { estimatePlan } from "../../src/planner/estimate.ts";
import { estimateSweep } from "../../src/sweeps/estimate-sweep.ts";
import { buildSweep, type SweepOptions } from "../../src/sweeps/index.ts";
import { runSweep, type ShardNumbers } from "../../src/sweeps/run-sweep.ts";
import { shardsOf } from "../../src/sweeps/shards.ts";
import { placesOf, type SweepPair } from "../../src/sweeps/sweep.ts";
import { openOracle } from "../oracles/oracle.ts";
import { sweepArrays } from "./run.ts";

const { session } = await openOracle("gpt2");
const { facts } = session.spec;
afterAll(() => session.close());

/** Pairs that differ in one token, of several lengths. */
function pairsOf(count: number, lengths: readonly number[]): SweepPair[] {
  const random = seededRandom("pairs");
  const token = () => Math.floor(random() * facts.vocabulary);
  return Array.from({ length: count }, (_, i) => {
    const clean = Array.from({ length: lengths[i % lengths.length]! }, token);
    const corrupted = clean.with(1, (clean[1]! + 1) % facts.vocabulary);
    return { clean, corrupted, answer: token(), wrong: token() };
  });
}

describe("shards", () => {
  const covered = (pairs: readonly SweepPair[], options: SweepOptions) => {
    const sweep = buildSweep(pairs, options, facts);
    const shards = shardsOf(sweep);
    const seen = pairs.map(() => new Array<number>(placesOf(sweep)).fill(0));
    for (const { parts } of shards)
      for (const { pair, from, to } of parts)
        for (let place = from; place < to; place++) seen[pair]![place]!++;
    expect(seen.flat().every((times) => times === 1)).toBe(true);
    return shards;
  };

  it("hold every place of every pair once, several pairs together or parts of one", () => {
    const many = covered(pairsOf(900, [4, 6]), { over: "heads", kind: "noise", position: "last" });
    expect(many.length).toBeGreaterThan(2);
    expect(many[0]!.parts.length).toBeGreaterThan(10);
    const alphas = Array.from({ length: 1000 }, (_, i) => i / 500);
    const parts = covered(pairsOf(2, [5]), { over: "alpha", hook: "attn.hook_z", alphas, position: "last" });
    expect(parts.length).toBeGreaterThan(3);
    for (const { parts: own } of parts)
      expect(own.reduce((sum, { from, to }) => sum + to - from, 0)).toBeLessThanOrEqual(4096);
  });
});

describe("running a sweep", () => {
  const pairs = pairsOf(90, [6]);
  const options: SweepOptions = { over: "heads-positions", kind: "noise" };

  it("gives bit-equal numbers when finished shards are kept and the rest is run", async () => {
    const shards: ShardNumbers[] = [];
    const whole = await sweepArrays(session, pairs, options, { onShard: (own) => void shards.push(own) });
    expect(shards.length).toBeGreaterThan(1);
    const finished = shards.slice(0, 1);
    const again: number[] = [];
    const resumed = await sweepArrays(session, pairs, options, {
      finished,
      done: new Set(finished.map(({ shard }) => shard.index)),
      onShard: ({ shard }) => void again.push(shard.index),
    });
    expect(again).toEqual(shards.slice(1).map(({ shard }) => shard.index));
    for (const [name, { values }] of whole) expect(resumed.get(name)!.values).toEqual(values);
    expect(whole.get("logit_diff")!.values.every(Number.isFinite)).toBe(true);
  });

  it("tells of every pass, those that were done before too", async () => {
    const told: [number, number][] = [];
    const done = new Set([0]);
    await runSweep(session, buildSweep(pairs, options, facts), {
      done,
      onProgress: (...own) => told.push(own),
    });
    const total = pairs.length * (2 + facts.layers * facts.heads * 6);
    expect(told[0]![0]).toBeGreaterThan(0);
    expect(told.at(-1)).toEqual([total, total]);
    for (const [i, [n, of]] of told.entries()) {
      expect(of).toBe(total);
      if (i > 0) expect(n).toBeGreaterThanOrEqual(told[i - 1]![0]);
    }
  });

  it("stops when cancelled, and what was finished stays finished", async () => {
    const controller = new AbortController();
    const finished: number[] = [];
    const running = runSweep(session, buildSweep(pairs, options, facts), {
      signal: controller.signal,
      onShard: ({ shard }) => {
        finished.push(shard.index);
        controller.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    expect(finished).toEqual([0]);
  });

  it.each<SweepOptions>([
    options,
    {
      over: "paths",
      kind: "noise",
      senders: "heads",
      mlps: "RECOMPUTE",
      receivers: [{ kind: "q", layer: 1, head: 0 }],
    },
  ])("counts the passes that it will run: $over", async (own) => {
    const sweep = buildSweep(pairs, own, facts);
    const estimate = await estimateSweep(session, sweep);
    let total = 0;
    await runSweep(session, sweep, { onProgress: (_, of) => (total = of) });
    expect(estimate.passes).toBe(total);
    expect(estimate.shards).toBe(shardsOf(sweep).length);
    for (const key of ["rows", "flops", "bytes", "seconds"] as const)
      expect(estimate[key]).toBeGreaterThan(0);
  });

  it("estimates a sweep of one stage as the planner estimates its passes", async () => {
    const [pair] = pairs;
    const sweep = buildSweep([pair!], options, facts);
    const passes = sweep.measure(pair!, 0, placesOf(sweep)).next().value as Parameters<
      typeof estimatePlan
    >[1];
    const { rows, flops } = await estimatePlan(session, passes);
    expect(await estimateSweep(session, sweep)).toMatchObject({ passes: passes.length, rows, flops });
  });
});

describe("what cannot be swept is refused by name", () => {
  const pairs = pairsOf(2, [6]);
  it.each<[RegExp, SweepOptions, Partial<SweepPair>?]>([
    [
      /^pair 1: no corrupted prompt/,
      { over: "heads", kind: "noise", position: "last" },
      { corrupted: undefined },
    ],
    [/^position of pair 0: 6 \(allowed: last, or 0 to 5\)/, { over: "heads", kind: "noise", position: 6 }],
    [/^hooks of a sweep: \[\]/, { over: "layers-positions", kind: "noise", hooks: [] }],
    [
      /^receivers of paths: none/,
      { over: "paths", kind: "noise", senders: "heads", receivers: [], mlps: "FREEZE" },
    ],
    [
      /^receivers of paths: L9H0\.q \(the model has layers 0 to/,
      {
        over: "paths",
        kind: "noise",
        senders: "heads",
        receivers: [{ kind: "q", layer: 9, head: 0 }],
        mlps: "FREEZE",
      },
    ],
    [
      /^head of a pair: L0H99 \(allowed: L0H0 to/,
      {
        over: "head-pairs",
        kind: "noise",
        position: "last",
        pairs: [
          [
            { layer: 0, head: 99 },
            { layer: 0, head: 0 },
          ],
        ],
      },
    ],
    [/^alphas: \[NaN\]/, { over: "alpha", hook: "hook_mlp_out", alphas: [Number.NaN], position: "last" }],
    [/^window of a knock-out: 99 layers \(allowed: 1 to/, { over: "knockout", window: 99 }],
    [
      /^keys of a knock-out: 4-6 in pair 0 \(allowed: positions 0 to 5/,
      { over: "knockout", spans: [[4, 6]] },
    ],
    [/^keys of a knock-out: 0-5 in pair 0 are all/, { over: "knockout", spans: [[0, 5]] }],
    [
      /^pair 1: 7 tokens \(pair 0 has 6;/,
      { over: "knockout" },
      { clean: [1, 2, 3, 4, 5, 6, 7], corrupted: undefined },
    ],
  ])("%s", (message, options, second = {}) => {
    const own = [pairs[0]!, { ...pairs[1]!, ...second }] as SweepPair[];
    expect(() => buildSweep(own, options, facts)).toThrow(message);
  });
});
