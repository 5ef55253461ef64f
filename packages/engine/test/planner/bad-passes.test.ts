import { describe, expect, it } from "vitest";
import type { ModelFacts } from "../../src/architectures/architecture.ts";
import type { ForwardPass } from "../../src/planner/forward-pass.ts";
import { linkSequences } from "../../src/planner/sequences.ts";

const facts: ModelFacts = {
  architecture: "test",
  layers: 2,
  heads: 4,
  kvHeads: 4,
  width: 8,
  headWidth: 2,
  mlpWidth: 16,
  vocabulary: 10,
  positions: 6,
  norm: { kind: "layernorm", epsilon: 1e-5 },
  tied: true,
  learnedPositions: true,
};

describe("a pass the model cannot compute", () => {
  const z = "blocks.0.attn.hook_z" as const;
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
      "unequal lengths",
      [{ tokens: [1, 2] }, { tokens: [1], edits: [{ hook: z, scale: 0, value: { pass: 0 } }] }],
      /1 and 2 tokens/,
    ],
  ])("is refused by name: %s", (_, passes, message) => {
    expect(() => linkSequences(passes, facts)).toThrow(message);
  });
});
