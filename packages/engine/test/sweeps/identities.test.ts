import { afterAll, describe, expect, it } from "vitest";
import { hookName } from "../../src/hooks/hook-points.ts";
import type { SweepOptions } from "../../src/sweeps/index.ts";
import { firstDifference } from "../../src/tasks/counterfactuals/counterfactual.ts";
import { FAMILIES, openOracle, PLAIN } from "../oracles/oracle.ts";
import { oneByOne, sweepArrays } from "./run.ts";

/** What must hold of every sweep whatever the model computes. */
describe.each(FAMILIES)("sweeps of %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const { layers, heads } = facts;
  const pairs = prompts("clean")
    .slice(0, 2)
    .map((clean, b) => ({ clean, corrupted: prompts("corrupted")[b]!, answer: 3 + b, wrong: 7 + b }));
  const { length } = pairs[0]!.clean;
  afterAll(() => session.close());
  const arrays = (options: SweepOptions, own = pairs) => sweepArrays(session, own, options);
  const values = async (options: SweepOptions, own = pairs) =>
    (await arrays(options, own)).get("logit_diff")!.values;
  const far = (a: number, b: number) => Math.abs(a - b);

  it("patch nothing where the prompts are equal", async () => {
    const same = pairs.map((pair) => ({ ...pair, corrupted: pair.clean }));
    for (const kind of ["noise", "denoise"] as const)
      for (const options of [
        { over: "heads", kind, position: "last" },
        { over: "heads-positions", kind },
        { over: "layers-positions", kind, hooks: ["hook_resid_pre", "hook_mlp_out"] },
        ...(PLAIN.includes(family)
          ? [
              {
                over: "paths" as const,
                kind,
                senders: "heads" as const,
                receivers: [{ kind: "final" as const }],
                mlps: "RECOMPUTE" as const,
              },
            ]
          : []),
      ] satisfies SweepOptions[]) {
        const own = await arrays(options, same);
        const { values: diff, axes } = own.get("logit_diff")!;
        const [clean, inner] = [own.get("logit_diff_clean")!.values, axes[3]?.labels.length ?? 1];
        for (const [i, value] of diff.entries())
          expect(far(value, clean[Math.floor(i / inner) % 2]!)).toBeLessThan(1e-5);
      }
  });

  it("have no effect, exactly, at positions before the first difference", async () => {
    for (const options of [
      { over: "heads-positions", kind: "noise" },
      { over: "layers-positions", kind: "noise", hooks: ["hook_resid_pre", "hook_attn_out", "hook_mlp_out"] },
    ] satisfies SweepOptions[]) {
      const own = await arrays(options);
      const clean = own.get("logit_diff_clean")!.values;
      let before = 0;
      for (const [i, value] of own.get("logit_diff")!.values.entries()) {
        const [position, pair] = [i % length, Math.floor(i / length) % 2];
        if (position >= firstDifference(pairs[pair]!.clean, pairs[pair]!.corrupted)) continue;
        expect(value).toBe(clean[pair]);
        before++;
      }
      expect(before).toBeGreaterThan(0);
    }
  });

  it("find the last layer's heads at the last position only", async () => {
    const diff = await values({ over: "heads-positions", kind: "noise" });
    const clean = (await arrays({ over: "heads", kind: "noise", position: "last" })).get(
      "logit_diff_clean",
    )!.values;
    let largest = 0;
    for (let head = 0; head < heads; head++)
      for (let pair = 0; pair < 2; pair++)
        for (let position = 0; position < length; position++) {
          const value = diff[(((layers - 1) * heads + head) * 2 + pair) * length + position]!;
          if (position < length - 1) expect(far(value, clean[pair]!)).toBeLessThan(1e-6);
          else largest = Math.max(largest, far(value, clean[pair]!));
        }
    expect(largest).toBeGreaterThan(1e-5);
  });

  it("denoise as they noise with the prompts exchanged, and end at either run", async () => {
    const exchanged = pairs.map((pair) => ({ ...pair, clean: pair.corrupted, corrupted: pair.clean }));
    expect(await values({ over: "heads", kind: "denoise", position: "last" })).toEqual(
      await values({ over: "heads", kind: "noise", position: "last" }, exchanged),
    );
    const own = await arrays({ over: "layers-positions", kind: "noise", hooks: ["hook_resid_post"] });
    for (let pair = 0; pair < 2; pair++) {
      const last = own.get("logit_diff")!.values[((layers - 1) * 2 + pair) * length + length - 1]!;
      expect(far(last, own.get("logit_diff_corrupted")!.values[pair]!)).toBeLessThan(1e-5);
    }
  });

  it("patch a layer's heads together as its attn_out", async () => {
    const whole = await values({ over: "layers-positions", kind: "noise", hooks: ["hook_attn_out"] });
    for (let layer = 0; layer < layers; layer++) {
      const edits = Array.from({ length: heads }, (_, head) => ({
        hook: hookName("attn.hook_z", layer),
        head,
        position: length - 1,
        scale: 0,
        value: { pass: 1 },
      }));
      const together = await oneByOne(session, pairs[0]!, "clean", { edits });
      expect(far(whole[layer * 2 * length + length - 1]!, together)).toBeLessThan(1e-5);
    }
  });

  it("change nothing at alpha 1, exactly, and take away at alpha 0 what zero takes", async () => {
    const own = await arrays({ over: "alpha", hook: "attn.hook_z", alphas: [0, 1], position: "all" });
    const diff = own.get("logit_diff")!.values;
    const clean = own.get("logit_diff_clean")!.values;
    const half = diff.length / 2;
    for (let i = 0; i < half; i++) expect(diff[half + i]).toBe(clean[i % 2]);
    expect(diff.subarray(0, half)).toEqual(await values({ over: "heads", kind: "zero", position: "all" }));
  });

  it("give a pair of the same head as that head alone, and a pair in either order", async () => {
    const single = await values({ over: "heads", kind: "denoise", position: "last" });
    const [a, b] = [
      { layer: 0, head: 1 },
      { layer: layers - 1, head: 0 },
    ];
    const both = await values({
      over: "head-pairs",
      kind: "denoise",
      position: "last",
      pairs: [
        [a, a],
        [b, b],
        [a, b],
        [b, a],
      ],
    });
    for (const [i, { layer, head }] of [a, b].entries())
      for (let pair = 0; pair < 2; pair++)
        expect(far(both[i * 2 + pair]!, single[(layer * heads + head) * 2 + pair]!)).toBeLessThan(1e-6);
    expect(both.subarray(4, 6)).toEqual(both.subarray(6, 8));
  });

  it("close a window of all layers over a key as if one knock-out hid it", async () => {
    const own = await values({ over: "knockout", window: layers, spans: [[1, 3]] });
    const middle = Math.floor((layers - 1) / 2);
    const knockouts = Array.from({ length: layers }, (_, layer) => ({ layer, query: -1, keys: [1, 2, 3] }));
    const expected = await oneByOne(session, pairs[0]!, "clean", { knockouts });
    expect(far(own[middle * 2]!, expected)).toBeLessThan(5e-6);
  });
});
