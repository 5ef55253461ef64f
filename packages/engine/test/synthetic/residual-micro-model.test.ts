import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attributions } from "../../src/gradients/attribution.ts";
import { hookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import type { OpenModel } from "../../src/runner/open-model.ts";
import { runPathPatches } from "../../src/sweeps/path-patching/run-paths.ts";
import { type FeatureModel, writeFeatureModel } from "./feature-model.ts";
import { openSynthetic } from "./model-m-folder.ts";

/**
 * A state (x, y) that heads multiply: head 0 by (1, 2), head 1 by (3, 4), in two layers without MLPs. From (1, 1) comes (25, 49), from (-1, -1)
 * its negative; all effects are known by hand (the residual micro model of auto-circuit's tests).
 */
const model: FeatureModel = {
  features: ["x", "y", "isEnd"],
  end: "isEnd",
  tokens: [
    { text: "[BOS]", embed: {}, unembed: {} },
    { text: "clean", embed: { x: 1, y: 1 }, unembed: { x: 1 } },
    { text: "corrupted", embed: { x: -1, y: -1 }, unembed: { y: 1 } },
    { text: "of", embed: {}, unembed: {} },
  ],
  blocks: [0, 1].map(() => ({
    heads: [
      [1, 2],
      [3, 4],
    ].map(([onX, onY]) => ({
      key: null,
      ov: [
        { from: "x", to: "x", gain: onX! },
        { from: "y", to: "y", gain: onY! },
      ],
    })),
    neurons: [],
  })),
};
const [CLEAN, CORRUPTED] = [[1], [2]];
/** logit of `clean` reads x, that of `corrupted` reads y. */
const STATE = { tokens: [1, 2] };

const TOTAL = { B00: [10, 28], B01: [30, 56], B10: [10, 28], B11: [30, 56] } as const;
const DIRECT = { B00: [2, 4], B01: [6, 8], B10: [10, 28], B11: [30, 56] } as const;
const HEADS = [
  ["B00", 0, 0],
  ["B01", 0, 1],
  ["B10", 1, 0],
  ["B11", 1, 1],
] as const;

describe("the residual micro model", () => {
  let open: OpenModel;
  beforeAll(async () => {
    open = await openSynthetic(await writeFeatureModel(model));
  });
  afterAll(() => open.session.close());
  const queried = async (...edits: { layer: number; head: number }[][]) => {
    const results = await execute(open.session, [
      { tokens: CLEAN, query: STATE },
      { tokens: CORRUPTED, query: STATE },
      ...edits.map((list) => ({
        tokens: CORRUPTED,
        query: STATE,
        edits: list.map(({ layer, head }) => ({
          hook: hookName("attn.hook_z", layer),
          head,
          position: -1,
          scale: 0,
          value: { pass: 0 },
        })),
      })),
    ]);
    return results.map((result) => [...result.queried!]);
  };
  const close = (actual: readonly number[], expected: readonly number[]) => {
    // The ballast of the LayerNorms bends states of this size by some 1e-5 of themselves.
    for (const [i, value] of expected.entries())
      expect(Math.abs(actual[i]! - value) / Math.abs(value)).toBeLessThan(1e-4);
  };

  it("multiplies: (1, 1) to (25, 49)", async () => {
    const [clean, corrupted] = await queried();
    close(clean!, [25, 49]);
    close(corrupted!, [-25, -49]);
  });

  it.each(HEADS)("%s has its total effect: not the direct one", async (name, layer, head) => {
    const [, corrupted, patched] = await queried([{ layer, head }]);
    close(
      patched!.map((value, i) => value - corrupted![i]!),
      TOTAL[name],
    );
  });

  it.each(HEADS)(
    "%s has its direct effect by path patching: not the total one",
    async (name, layer, head) => {
      const hook = hookName("attn.hook_result", layer);
      const [clean, corrupted] = await execute(open.session, [
        { tokens: CLEAN, capture: [{ hook, positions: "last" }] },
        { tokens: CORRUPTED, capture: [{ hook, positions: "last" }], query: STATE },
      ]);
      const { width } = open.session.spec.facts;
      const of = (result: typeof clean) =>
        result!.captures.get(hook)!.subarray(head * width, (head + 1) * width);
      const change = of(clean).map((value, i) => value - of(corrupted)[i]!);
      const [result] = await runPathPatches(
        [
          {
            tokens: CORRUPTED,
            position: 0,
            sender: { kind: "head", layer, head },
            change,
            mlps: "FREEZE",
            receiverSets: [[{ kind: "final" }]],
          },
        ],
        { query: STATE },
        (passes) => execute(open.session, passes),
        open.session.spec.facts,
      );
      close(
        [...result!.patched[0]!.queried!].map((value, i) => value - corrupted!.queried![i]!),
        DIRECT[name],
      );
    },
  );

  it.each(["left", "midpoint"] as const)("is linear: attribution by %s is the exact effect", async (rule) => {
    for (const i of [0, 1]) {
      const hooks = [0, 1].map((layer) => hookName("attn.hook_z", layer));
      const metric = [{ token: STATE.tokens[i]!, weight: 1 }];
      const pairs = [{ clean: CLEAN, corrupted: CORRUPTED, metric }];
      const [own] = await attributions(open.session, pairs, hooks, { quadrature: { rule, steps: 1 } });
      for (const [name, layer, head] of HEADS)
        expect(own!.scores.get(hooks[layer]!)![head]!).toBeCloseTo(TOTAL[name][i]!, 2);
    }
  });

  it("sums its direct effects and the input's to the whole change", () => {
    for (const i of [0, 1])
      expect(HEADS.reduce((sum, [name]) => sum + DIRECT[name][i]!, 2)).toBe([50, 98][i]);
  });
});
