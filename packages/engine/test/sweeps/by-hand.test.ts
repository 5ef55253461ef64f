import { afterAll, describe, expect, it } from "vitest";
import { hookName } from "../../src/hooks/hook-points.ts";
import type { Edit } from "../../src/planner/forward-pass.ts";
import type { SweepOptions } from "../../src/sweeps/index.ts";
import { openOracle } from "../oracles/oracle.ts";
import { oneByOne, sweepArrays } from "./run.ts";

/** Every cell of a sweep against one pass written by hand and run alone. */
describe.each(["gpt2", "llama-gqa-tied"])("sweeps of %s, pass by pass", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { layers, heads } = session.spec.facts;
  const pairs = prompts("clean")
    .slice(0, 2)
    .map((clean, b) => ({ clean, corrupted: prompts("corrupted")[b]!, answer: 3 + b, wrong: 7 + b }));
  const { length } = pairs[0]!.clean;
  afterAll(() => session.close());

  const kinds = {
    zero: { run: "clean", edit: { scale: 0 } },
    noise: { run: "clean", edit: { scale: 0, value: { pass: 1 } } },
    denoise: { run: "corrupted", edit: { scale: 0, value: { pass: 0 } } },
  } as const;
  const z = (layer: number, head: number) => ({ hook: hookName("attn.hook_z", layer), head });

  /** @param cells index in each axis of logit_diff, and the change that belongs there */
  async function compare(
    options: SweepOptions,
    shape: readonly number[],
    cells: readonly {
      at: readonly number[];
      pair: number;
      run: "clean" | "corrupted";
      edits: readonly Edit[];
    }[],
  ): Promise<void> {
    const arrays = await sweepArrays(session, pairs, options);
    const { values, axes, unit } = arrays.get("logit_diff")!;
    expect(axes.map(({ labels }) => labels.length)).toEqual(shape);
    expect(unit).toBe("logit");
    const logits = arrays.get("metric_logits")!;
    expect(logits.axes.map(({ labels }) => labels.length)).toEqual([...shape, 2]);
    const start = arrays.get("logit_diff_clean")!.values[0]!;
    expect(Math.max(...values.map((value) => Math.abs(value - start)))).toBeGreaterThan(1e-4);
    for (const { at, pair, run, edits } of cells) {
      const place = at.reduce((index, i, axis) => index * shape[axis]! + i, 0);
      const expected = await oneByOne(session, pairs[pair]!, run, { edits });
      expect(Math.abs(values[place]! - expected), JSON.stringify({ ...options, at })).toBeLessThan(1e-5);
      const [answer, wrong] = logits.values.subarray(2 * place, 2 * place + 2);
      expect(Math.fround(answer! - wrong!)).toBe(values[place]);
    }
  }
  const every = <T>(counts: readonly number[], cell: (indices: number[]) => T): T[] =>
    counts
      .reduce<number[][]>(
        (all, n) => all.flatMap((own) => Array.from({ length: n }, (_, i) => [...own, i])),
        [[]],
      )
      .map(cell);

  it.each(["zero", "noise", "denoise"] as const)("heads, %s", async (kind) => {
    const { run, edit } = kinds[kind];
    for (const position of ["all", "last", 2] as const) {
      const where = position === "all" ? {} : { position: position === "last" ? length - 1 : position };
      const cells = every([layers, heads, 2], ([layer, head, pair]) => ({
        at: [layer!, head!, pair!],
        pair: pair!,
        run,
        edits: [{ ...z(layer!, head!), ...where, ...edit }],
      }));
      await compare({ over: "heads", kind, position }, [layers, heads, 2], cells);
    }
  });

  it("heads x positions", async () => {
    const cells = every([layers, heads, 2, length], ([layer, head, pair, position]) => ({
      at: [layer!, head!, pair!, position!],
      pair: pair!,
      ...kinds.noise,
      edits: [{ ...z(layer!, head!), position: position!, ...kinds.noise.edit }],
    }));
    const some = cells.filter((_, i) => i % 3 === 0);
    await compare({ over: "heads-positions", kind: "noise" }, [layers, heads, 2, length], some);
  });

  it("layers x positions of the stream and what is written to it", async () => {
    const hooks = ["hook_resid_pre", "hook_attn_out", "hook_resid_mid", "hook_mlp_out"] as const;
    const cells = every([hooks.length, layers, 2, length], ([hook, layer, pair, position]) => ({
      at: [hook!, layer!, pair!, position!],
      pair: pair!,
      ...kinds.denoise,
      edits: [{ hook: hookName(hooks[hook!]!, layer!), position: position!, ...kinds.denoise.edit }],
    }));
    const some = cells.filter((_, i) => i % 3 === 0);
    await compare(
      { over: "layers-positions", kind: "denoise", hooks },
      [hooks.length, layers, 2, length],
      some,
    );
  });

  it("pairs of heads", async () => {
    const together = [
      [
        { layer: 0, head: 1 },
        { layer: 1, head: 0 },
      ],
      [
        { layer: 1, head: 2 },
        { layer: 1, head: 3 },
      ],
      [
        { layer: 1, head: 1 },
        { layer: 1, head: 1 },
      ],
    ] as const;
    const cells = every([together.length, 2], ([both, pair]) => ({
      at: [both!, pair!],
      pair: pair!,
      ...kinds.denoise,
      edits: together[both!]!.map(({ layer, head }) => ({
        ...z(layer, head),
        position: length - 1,
        ...kinds.denoise.edit,
      })),
    }));
    await compare(
      { over: "head-pairs", kind: "denoise", position: "last", pairs: together },
      [together.length, 2],
      cells,
    );
  });

  it.each(["attn.hook_z", "hook_attn_out", "hook_mlp_out"] as const)("alphas of %s", async (hook) => {
    const alphas = [0, 0.5, 1, 2];
    const axes = [alphas.length, layers, ...(hook === "attn.hook_z" ? [heads] : []), 2];
    const cells = every(axes, (at) => {
      const [a, layer] = at;
      const head = hook === "attn.hook_z" ? { head: at[2]! } : {};
      return {
        at,
        pair: at.at(-1)!,
        run: "clean" as const,
        edits: [{ hook: hookName(hook, layer!), ...head, position: length - 1, scale: alphas[a!]! }],
      };
    });
    await compare(
      { over: "alpha", hook, alphas, position: "last" },
      axes,
      cells.filter((_, i) => i % 2 === 0),
    );
  });

  it("knock-outs of windows", async () => {
    const spans = [
      [0, 2],
      [length - 1, length - 1],
    ] as const;
    const given = await sweepArrays(session, pairs, { over: "knockout", window: 2, spans });
    const each = await sweepArrays(session, pairs, { over: "knockout", window: 2 });
    expect(given.get("logit_diff")!.axes.map(({ labels }) => labels)).toEqual([
      Array.from({ length: layers }, (_, layer) =>
        layer === layers - 1 ? `${layer}` : `${layer}-${layer + 1}`,
      ),
      ["0", "1"],
      ["0-2", String(length - 1)],
    ]);
    for (const [layer, pair, span] of every([layers, 2, 2], (at) => at as [number, number, number])) {
      const [first, last] = spans[span]!;
      const keys = Array.from({ length: last - first + 1 }, (_, i) => first + i);
      const window = [layer, layer + 1].filter((own) => own < layers);
      const knockouts = window.map((own) => ({ layer: own, query: length - 1, keys }));
      const expected = await oneByOne(session, pairs[pair]!, "clean", { knockouts });
      expect(
        Math.abs(given.get("logit_diff")!.values[(layer * 2 + pair) * 2 + span]! - expected),
      ).toBeLessThan(1e-5);
      const own = each.get("logit_diff")!.values[(layer * 2 + pair) * length + length - 1]!;
      if (span === 1) expect(Math.abs(own - expected)).toBeLessThan(1e-5);
    }
  });
});
