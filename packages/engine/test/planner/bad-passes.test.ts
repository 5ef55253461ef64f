import { describe, expect, it } from "vitest";
import type { ModelFacts } from "../../src/architectures/architecture.ts";
import { type BlockPoint, type HookName, hookName } from "../../src/hooks/hook-points.ts";
import type { Edit, ForwardPass, Knockout } from "../../src/planner/forward-pass.ts";
import { mergePasses } from "../../src/planner/merge-passes.ts";
import { linkSequences } from "../../src/planner/sequences.ts";
import { expandHooks } from "../../src/runner/activations.ts";

const capture = (names: string[]) =>
  names
    .filter((name) => name !== "logits")
    .map((hook) => ({ hook: hook as HookName, positions: "all" as const }));

const facts: ModelFacts = {
  architecture: "test",
  layers: 2,
  heads: 4,
  kvHeads: 2,
  width: 8,
  headWidth: 2,
  mlpWidth: 16,
  vocabulary: 10,
  positions: 6,
  norm: { kind: "layernorm", epsilon: 1e-5 },
  tied: true,
  learnedPositions: true,
  block: "serial",
  postNorm: "none",
  logitCap: null,
};

describe("a pass the model cannot compute", () => {
  const z = "blocks.0.attn.hook_z" as const;
  const edited = (edit: Edit): ForwardPass => ({ tokens: [1], edits: [edit] });
  const from = (pass: number, position?: number): ForwardPass =>
    edited({
      hook: z,
      position: 0,
      scale: 0,
      value: { pass, ...(position !== undefined && { position }) },
    });
  const input = (point: BlockPoint) => ({ hook: hookName(point, 0), positions: "last" as const });
  const knocked = (...knockouts: Knockout[]): ForwardPass => ({ tokens: [1, 2, 3], knockouts });
  it.each<[string, ForwardPass[], RegExp]>([
    ["no tokens", [{ tokens: [] }], /no tokens \(1 to 6/],
    ["too many tokens", [{ tokens: [1, 2, 3, 4, 5, 6, 7] }], /7 tokens \(the model has 6 positions/],
    ["an id outside the vocabulary", [{ tokens: [1, 10] }], /position 1: 10 \(allowed: 0 to 9\)/],
    ["a negative id", [{ tokens: [-1] }], /-1 \(allowed: 0 to 9\)/],
    [
      "an unknown hook",
      [{ tokens: [1], capture: [{ hook: "blocks.0.attn.hook_patern" as never, positions: "all" }] }],
      /hook_patern.*allowed/,
    ],
    [
      "a layer too high",
      [{ tokens: [1], capture: [{ hook: "blocks.2.hook_mlp_out", positions: "all" }] }],
      /2 \(allowed: 0 to 1\)/,
    ],
    ["a head too high", [{ tokens: [1], edits: [{ hook: z, head: 4, scale: 0 }] }], /4 \(allowed: 0 to 3\)/],
    [
      "a position beyond the end",
      [{ tokens: [1, 2], edits: [{ hook: z, position: 2, scale: 0 }] }],
      /2 \(allowed: 0 to 1, or -1 to -2/,
    ],
    [
      "an edit of a pattern",
      [{ tokens: [1], edits: [{ hook: "blocks.0.attn.hook_pattern", scale: 0 }] }],
      /cannot be changed/,
    ],
    [
      "a head of an MLP",
      [{ tokens: [1], edits: [{ hook: "blocks.0.hook_mlp_out", head: 0, scale: 0 }] }],
      /has no heads/,
    ],
    [
      "a value of the wrong width",
      [{ tokens: [1], edits: [{ hook: z, head: 0, scale: 0, value: new Float32Array(8) }] }],
      /8 numbers \(expected 2\)/,
    ],
    [
      "a value with NaN",
      [{ tokens: [1], edits: [{ hook: z, head: 0, scale: 0, value: Float32Array.of(1, Number.NaN) }] }],
      /NaN/,
    ],
    ["a scale of NaN", [{ tokens: [1], edits: [{ hook: z, scale: Number.NaN }] }], /finite/],
    [
      "a missing source",
      [{ tokens: [1], edits: [{ hook: z, scale: 0, value: { pass: 3 } }] }],
      /pass 3 \(allowed: 0 to 0\)/,
    ],
    [
      "an edited source",
      [{ tokens: [1], edits: [{ hook: z, scale: 0 }] }, from(0)],
      /has edits or knockouts/,
    ],
    [
      "a source with knockouts",
      [{ tokens: [1, 2], knockouts: [{ layer: 0, query: 1, keys: [0] }] }, from(0)],
      /has edits or knockouts/,
    ],
    [
      "a source position beyond its end",
      [{ tokens: [1, 2] }, from(0, 2)],
      /source pass 0.*: 2 \(allowed: 0 to 1, or -1 to -2/,
    ],
    [
      "a key-value head named by its query head",
      [{ tokens: [1], edits: [{ hook: "blocks.0.attn.hook_k", head: 2, scale: 0 }] }],
      /2 \(allowed: 0 to 1\)/,
    ],
    [
      "a value of d_head where the head reads d_model",
      [edited({ hook: "blocks.0.hook_q_input", head: 0, scale: 1, value: new Float32Array(2) })],
      /2 numbers \(expected 8\)/,
    ],
    [
      "a value for one head where all are meant",
      [edited({ hook: "blocks.0.hook_v_input", scale: 1, value: new Float32Array(8) })],
      /8 numbers \(expected 16\)/,
    ],
    [
      "a capture of a query's input",
      [{ tokens: [1], capture: [input("hook_q_input")] }],
      /blocks.0.hook_resid_pre instead/,
    ],
    [
      "a capture of an MLP's input",
      [{ tokens: [1], capture: [input("hook_mlp_in")] }],
      /blocks.0.hook_resid_mid instead/,
    ],
    [
      "a knockout beyond the layers",
      [knocked({ layer: 2, query: 1, keys: [0] })],
      /layer.*: 2 \(allowed: 0 to 1\)/,
    ],
    [
      "a knockout of a head too high",
      [knocked({ layer: 0, head: 4, query: 1, keys: [0] })],
      /head.*: 4 \(allowed: 0 to 3\)/,
    ],
    [
      "a knockout beyond the prompt",
      [knocked({ layer: 0, query: 3, keys: [0] })],
      /3 \(allowed: 0 to 2, or -1/,
    ],
    ["a knockout of no key", [knocked({ layer: 0, query: 1, keys: [] })], /none given/],
    ["a knockout of a later key", [knocked({ layer: 0, query: 1, keys: [2] })], /2 \(allowed: 0 to 1,/],
    ["a knockout of a negative key", [knocked({ layer: 0, query: -1, keys: [-1] })], /-1 \(allowed: 0 to 2,/],
    [
      "a query without any key",
      [knocked({ layer: 0, query: -2, keys: [0, 1] })],
      /no key left at position 1/,
    ],
    [
      "a query whose keys go one by one, some for one head and the rest for all",
      [knocked({ layer: 0, query: 1, keys: [0] }, { layer: 0, head: 3, query: -2, keys: [1] })],
      /head 3 of layer 0 has no key left/,
    ],
    [
      "unequal lengths",
      [{ tokens: [1, 2] }, { tokens: [1], edits: [{ hook: z, scale: 0, value: { pass: 0 } }] }],
      /1 and 2 tokens/,
    ],
  ])("is refused by name: %s", (_, passes, message) => {
    expect(() => linkSequences(passes, facts)).toThrow(message);
  });
});

describe("hooks by glob", () => {
  it("leaves out the inputs, which are edited but not captured, and says so when one is named", () => {
    const names = expandHooks(["blocks.*"], facts);
    expect(names).toContain("blocks.1.hook_resid_pre");
    expect(names.filter((name) => name.endsWith("_input") || name.endsWith("mlp_in"))).toEqual([]);
    expect(() => linkSequences([{ tokens: [1], capture: capture(names) }], facts)).not.toThrow();
    expect(() => expandHooks(["blocks.1.hook_k_input"], facts)).toThrow(/blocks.1.hook_resid_pre instead/);
    expect(() => expandHooks(["blocks.*.hook_*_input"], facts)).toThrow(/nothing of this model/);
  });
});

describe("merged passes", () => {
  const [tokens, other] = [
    [1, 2, 3],
    [4, 5, 6],
  ];
  const hook = "blocks.0.hook_mlp_out";
  it("never make a pass with knockouts the base of another, and keep a source's position", () => {
    const knocked: ForwardPass = { tokens, knockouts: [{ layer: 0, query: 2, keys: [0] }] };
    const { passes, resultsOf } = mergePasses([
      [{ tokens: other }, knocked, { tokens }],
      [
        { tokens },
        { tokens: other, edits: [{ hook, position: 0, scale: 0, value: { pass: 0, position: 2 } }] },
      ],
    ]);
    expect(passes).toHaveLength(4);
    expect(passes[2]!.knockouts).toBeUndefined();
    expect(passes[3]!.edits![0]!.value).toEqual({ pass: 2, position: 2 });
    expect(linkSequences(passes, facts)[3]!.base).toBeTruthy();
    const results = passes.map((_, i) => ({ captures: new Map(), queried: Float32Array.of(i) }));
    expect(resultsOf(results, 0).map((r) => r.queried![0])).toEqual([0, 1, 2]);
    expect(resultsOf(results, 1).map((r) => r.queried![0])).toEqual([2, 3]);
  });
});
