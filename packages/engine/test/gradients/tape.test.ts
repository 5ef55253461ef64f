import { afterAll, describe, expect, it, vi } from "vitest";
import { GRADIENT_POINTS, gradientAddress, isAfterAttention } from "../../src/gradients/gradient-points.ts";
import { goBack, gradients, keeping } from "../../src/gradients/gradients.ts";
import { logitDifference } from "../../src/gradients/metric.ts";
import { lastRows } from "../../src/gradients/row-calls.ts";
import { hiddenNames, Tape, type TapeOptions } from "../../src/gradients/tape.ts";
import { tapeShape } from "../../src/gradients/tape-memory.ts";
import { absence, type HookName, hookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import type { Array2 } from "../../src/session/onnx-session.ts";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, openOracle } from "../oracles/oracle.ts";

/** Largest difference, where numbers are above 1 as a share of the largest. */
const apart = (actual: ArrayLike<number>, expected: ArrayLike<number>) =>
  distance(actual, expected) / Array.from(expected).reduce((most, x) => Math.max(most, Math.abs(x)), 1);

describe.each(FAMILIES)("tape of %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const { layers } = facts;
  const points = GRADIENT_POINTS.filter((point) => absence(point, facts) === null);
  const hooks = Array.from({ length: layers }, (_, layer) => points.map((point) => hookName(point, layer)));
  const addresses = hooks.flat().map((hook) => gradientAddress(hook, facts));
  const tokens = prompts("corrupted");
  const length = tokens[0]!.length;
  const metric = logitDifference(3, 7);
  afterAll(() => session.close());

  const record = async (changed: Partial<TapeOptions> = {}, lowest = 0) => {
    const asked = tokens.map((own) => ({ tokens: own, metric }));
    const own = addresses.filter(({ layer }) => layer >= lowest);
    const tape = await Tape.record(session, asked, {
      from: 0,
      before: [],
      keep: keeping(own, lowest, facts),
      keepHidden: () => true,
      wholeEnd: true,
      ...changed,
    });
    const found = new Map<HookName, Float32Array>();
    const metrics = await goBack(session, tape, asked, own, undefined, ({ hook }, gradient) =>
      found.set(hook, gradient.slice()),
    );
    return { tape, metrics, found };
  };

  it("gives the same to the last bit where hidden values are computed again", async () => {
    const [kept, again] = [await record(), await record({ keepHidden: () => false })];
    expect(kept.tape.hiddenOf(0)).toBeDefined();
    expect(again.tape.hiddenOf(0)).toBeUndefined();
    expect(again.metrics).toEqual(kept.metrics);
    for (const hook of hooks.flat()) expect(again.found.get(hook), hook).toEqual(kept.found.get(hook));
  });

  it("gives the same to the last bit where lower layers are not kept", async () => {
    const lowest = layers - 1;
    const [all, top] = [await record(), await record({}, lowest)];
    expect(() => top.tape.of("attn.hook_q", lowest - 1)).toThrow(/was not kept/);
    expect(top.metrics).toEqual(all.metrics);
    for (const hook of hooks[lowest]!) expect(top.found.get(hook), hook).toEqual(all.found.get(hook));
  });

  it("takes only the last rows through the end of the last layer", async () => {
    const [whole, last] = [await record(), await record({ wholeEnd: false })];
    expect(apart(last.metrics, whole.metrics)).toBeLessThan(1e-5);
    for (const { hook, point, layer } of addresses) {
      const [own, all] = [last.tape.of(point, layer), whole.tape.of(point, layer)];
      const cut = layer === layers - 1 && isAfterAttention(point);
      expect(own.length, hook).toBe(cut ? all.length / length : all.length);
      expect(apart(own, cut ? lastRows(all, tokens.length, length) : all), hook).toBeLessThan(1e-5);
      expect(apart(last.found.get(hook)!, whole.found.get(hook)!), hook).toBeLessThan(1e-5);
    }
  });

  it.each([1, 2, length - 1])(
    "gives the same from position %i on, after a beginning that another run has",
    async (from) => {
      const capture = Array.from({ length: layers }, (_, layer) =>
        (["attn.hook_k", "attn.hook_v"] as const).map((point) => ({
          hook: hookName(point, layer),
          positions: "all" as const,
        })),
      ).flat();
      // Another end: nothing of it may be read.
      const other = tokens.map((own) => ({
        tokens: own.map((token, at) => (at < from ? token : (token + 1) % facts.vocabulary)),
        capture,
      }));
      const before = (await execute(session, other)).map(({ captures }) => captures);
      const [whole, shared] = [await record(), await record({ from, before })];
      expect(shared.tape.own).toBe(length - from);
      expect(apart(shared.metrics, whole.metrics)).toBeLessThan(1e-5);
      const ends = (data: Float32Array, own: number) => {
        const width = data.length / tokens.length / own;
        return tokens.flatMap((_, i) => [
          ...data.subarray(((i + 1) * own - (length - from)) * width, (i + 1) * own * width),
        ]);
      };
      for (const { hook, point, layer } of addresses) {
        expect(
          apart(shared.tape.of(point, layer), ends(whole.tape.of(point, layer), length)),
          hook,
        ).toBeLessThan(1e-5);
        expect(apart(shared.found.get(hook)!, ends(whole.found.get(hook)!, length)), hook).toBeLessThan(1e-5);
      }
    },
  );

  it("holds no more memory than it is given, and makes use of it", async () => {
    const count = 12;
    const asked = Array.from({ length: count }, (_, i) => ({ tokens: tokens[i % tokens.length]!, metric }));
    let [batches, most] = [0, 0];
    const held = new Set<ArrayBufferLike>();
    const look = (arrays: Record<string, Array2>) => {
      for (const { data } of Object.values(arrays)) held.add(data.buffer);
      most = Math.max(
        most,
        [...held].reduce((sum, { byteLength }) => sum + byteLength, 0),
      );
    };
    const spies = (["runGraph", "runBlock", "runModel", "runAttention"] as const).map((method) => {
      const original = session[method].bind(session) as (...args: unknown[]) => Promise<void>;
      return vi.spyOn(session, method).mockImplementation(async (...args: unknown[]) => {
        if (args[0] === "embedding") {
          batches++;
          held.clear();
        }
        look(args.at(-2) as Record<string, Array2>);
        look(args.at(-1) as Record<string, Array2>);
        return original(...args);
      });
    });
    const all = await gradients(session, asked, hooks.flat());
    expect(batches).toBe(1);
    const whole = most;
    for (const share of [1.3, 0.5, 0.2]) {
      [batches, most] = [0, 0];
      const maxMemory = Math.ceil(share * whole);
      const own = await gradients(session, asked, hooks.flat(), { maxMemory });
      expect(most, `${share}`).toBeLessThanOrEqual(maxMemory);
      expect(most, `${share}`).toBeGreaterThan(maxMemory / 4);
      expect(batches, `${share}`).toBeGreaterThanOrEqual(Math.ceil(1 / share));
      for (const [i, { metric: value }] of own.entries()) expect(value).toBeCloseTo(all[i]!.metric, 4);
    }
    for (const spy of spies) spy.mockRestore();
  });

  it("keeps hidden values where those of all prompts fit, however few there are", () => {
    const wide = { ...facts, mlpWidth: 2 ** 16 };
    const like = { spec: { ...session.spec, facts: wide } } as typeof session;
    const demand = { count: 3, length, rows: length, addresses, lowest: 0, beside: 0 };
    const hidden = 4 * 3 * length * layers * wide.mlpWidth * hiddenNames(session).length;
    expect(tapeShape(like, demand, 0.95 * hidden).keepHidden).toBe(false);
    expect(tapeShape(like, demand, 3 * hidden)).toEqual({ prompts: 3, keepHidden: true });
    expect(tapeShape(like, { ...demand, count: 300 }, 3 * hidden).keepHidden).toBe(false);
    // What other runs gave is held as well.
    const beside = Math.ceil((2 * hidden) / (4 * length));
    expect(tapeShape(like, { ...demand, beside }, 3 * hidden)).toEqual({ prompts: 1, keepHidden: false });
  });
});
