import { describe, expect, it } from "vitest";
import type { ModelSpec } from "../../src/architectures/architecture.ts";
import { expectedShapes } from "../../src/architectures/expected-shapes.ts";
import { ARCHITECTURES, readModelSpec } from "../../src/architectures/index.ts";
import { PUBLISHED } from "./published-configs.ts";

const read = (config: Record<string, unknown>): ModelSpec =>
  ARCHITECTURES.find(({ modelType }) => modelType === config.model_type)!.read(config, () => true);
const of = (name: string, changes: Record<string, unknown> = {}) => ({ ...PUBLISHED[name]!, ...changes });
const without = (name: string, ...keys: string[]) =>
  Object.fromEntries(Object.entries(PUBLISHED[name]!).filter(([key]) => !keys.includes(key)));
const parameters = (spec: ModelSpec): number =>
  [...expectedShapes(spec)].reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

describe("published models", () => {
  // Parameters as their model cards or papers give them, to the digits known.
  it.each([
    ["openai-community/gpt2", 124_439_808],
    ["openai-community/gpt2-medium", 354_823_168],
    ["distilbert/distilgpt2", 81_912_576],
    ["meta-llama/Llama-2-7b-hf", 6_738_415_616],
    ["meta-llama/Llama-3.2-1B", 1_235_814_400],
    ["HuggingFaceTB/SmolLM2-135M", 134_515_008],
    ["mistralai/Mistral-7B-v0.1", 7_241_732_096],
    ["Qwen/Qwen2.5-0.5B", 494_032_768],
    ["Qwen/Qwen3-0.6B", 596_049_920],
    ["EleutherAI/pythia-160m", 162_322_944],
    ["google/gemma-2-2b", 2_614_341_888],
    ["facebook/opt-350m", 331_196_416],
  ])("%s has all its parameters where its config says", (name, count) => {
    expect(parameters(read(of(name)))).toBe(count);
  });

  it.each(Object.keys(PUBLISHED))("%s: an unknown key that is on is refused by name", (name) => {
    expect(() => read(of(name, { use_new_trick: true }))).toThrow(
      /config\.json: use_new_trick = true \(this key is not understood/,
    );
    for (const off of [null, false]) expect(() => read(of(name, { use_new_trick: off }))).not.toThrow();
  });

  it.each(Object.keys(PUBLISHED))("%s: an unknown activation is refused with those allowed", (name) => {
    const key = ["activation_function", "hidden_activation", "hidden_act"].find(
      (own) => own in PUBLISHED[name]!,
    )!;
    expect(() => read(of(name, { [key]: "mish" }))).toThrow(
      new RegExp(`activation in config\\.json: ${key} = "mish" \\(allowed: gelu, .*silu`),
    );
  });
});

describe("sliding windows", () => {
  it.each([
    ["mistralai/Mistral-7B-v0.1", {}, 4096],
    ["mistralai/Mistral-7B-v0.1", { sliding_window: null }, 32768],
    ["google/gemma-2-2b", {}, 4096],
    ["Qwen/Qwen2.5-0.5B", { sliding_window: 100 }, 32768],
    ["Qwen/Qwen2.5-0.5B", { sliding_window: 100, use_sliding_window: true }, 32768],
    ["Qwen/Qwen2.5-0.5B", { sliding_window: 100, use_sliding_window: true, max_window_layers: 23 }, 100],
    ["Qwen/Qwen3-0.6B", { sliding_window: 100, use_sliding_window: true, max_window_layers: 0 }, 100],
    ["Qwen/Qwen3-0.6B", { sliding_window: 100, layer_types: ["full_attention", "sliding_attention"] }, 100],
  ] as const)("%s with %j takes prompts of up to %i tokens", (name, changes, positions) => {
    const { facts } = read(of(name, changes));
    expect(facts.positions).toBe(positions);
    if (positions === 100) expect(facts.positionsReason).toMatch(/sliding window of 100 positions/);
  });

  it("are Mistral's 4096 where the key is missing, as in Hugging Face transformers", () => {
    expect(read(without("mistralai/Mistral-7B-v0.1", "sliding_window")).facts.positions).toBe(4096);
  });

  it("refuse layers of another kind", () => {
    const odd = of("Qwen/Qwen3-0.6B", { layer_types: ["full_attention", "chunked_attention"] });
    expect(() => read(odd)).toThrow(/layer_types = "chunked_attention" \(supported: "full_attention"/);
  });
});

describe("rotary frequencies", () => {
  const frequencies = (changes: Record<string, unknown>) =>
    read(of("meta-llama/Llama-2-7b-hf", changes)).rotary!.inverseFrequencies;

  it("are theta^(-2i/d)", () => {
    expect(frequencies({})[32]).toBeCloseTo(0.01, 12);
    expect(frequencies({ rope_theta: 500_000 })[63]).toBeCloseTo(500_000 ** (-126 / 128), 12);
  });

  it("are divided by a linear factor, by either name", () => {
    for (const key of ["type", "rope_type"])
      expect(frequencies({ rope_scaling: { [key]: "linear", factor: 4 } })[32]).toBeCloseTo(0.0025, 12);
  });

  it("of part of the head only where config.json says so", () => {
    const { rotary } = read(of("EleutherAI/pythia-160m"));
    expect(rotary!.inverseFrequencies).toHaveLength(8);
    expect(rotary!.inverseFrequencies[4]).toBeCloseTo(0.01, 12);
  });

  it("are of a quarter of each head where GPT-NeoX does not say, as in Hugging Face transformers", () => {
    const config = without("EleutherAI/pythia-160m", "rotary_pct");
    expect(read(config).rotary!.inverseFrequencies).toHaveLength(8);
    for (const key of ["rotary_pct", "partial_rotary_factor"])
      expect(read({ ...config, [key]: 1 }).rotary!.inverseFrequencies).toHaveLength(32);
    expect(
      read({ ...config, rope_parameters: { rope_theta: 100, rope_type: "default" } }).rotary!
        .inverseFrequencies,
    ).toHaveLength(8);
  });

  it("of a part are refused in families that rotate all", () => {
    for (const changes of [
      { partial_rotary_factor: 0.5 },
      { rope_parameters: { rope_theta: 100, partial_rotary_factor: 0.5 } },
    ])
      expect(() => frequencies(changes)).toThrow(/partial_rotary_factor = 0.5 \(supported: 1\)/);
  });

  it("are refused where two places say them, and what is left over from a scaling is not one", () => {
    expect(() =>
      frequencies({
        rope_parameters: { rope_type: "default", rope_theta: 100 },
        rope_scaling: { type: "linear", factor: 8 },
      }),
    ).toThrow(/rope_parameters and rope_scaling in config.json: both are given/);
    expect(frequencies({ rope_scaling: { rope_type: "default", factor: 8 } })[32]).toBeCloseTo(0.01, 12);
  });

  it.each([
    [{ type: "dynamic", factor: 2 }, /rope type in config\.json: "dynamic" \(supported: "default", "linear"/],
    [{ type: "yarn", factor: 2 }, /"yarn"/],
    [{ type: "linear" }, /factor = missing \(expected a positive number\)/],
    [{ type: "linear", factor: 2, beta: 3 }, /beta = 3 \(this key is not understood/],
    [
      {
        rope_type: "llama3",
        factor: 8,
        low_freq_factor: 4,
        high_freq_factor: 4,
        original_max_position_embeddings: 9,
      },
      /high_freq_factor in config\.json: 4 \(must be above low_freq_factor = 4\)/,
    ],
  ])("refuse %j", (rope_scaling, message) => {
    expect(() => frequencies({ rope_scaling })).toThrow(message);
  });

  it("need an even number of dimensions", () => {
    expect(() => read(of("EleutherAI/pythia-160m", { rotary_pct: 0.2 }))).not.toThrow();
    expect(() => read(of("EleutherAI/pythia-160m", { rotary_pct: 0.15 }))).toThrow(
      /rotated dimensions.*9 of 64/,
    );
    expect(() => read(of("EleutherAI/pythia-160m", { rotary_pct: 1.5 }))).toThrow(/rotated dimensions/);
  });
});

describe("Gemma 2's soft caps", () => {
  it("are on where the keys are missing, off where they are null", () => {
    const keys = ["final_logit_softcapping", "attn_logit_softcapping"] as const;
    const missing = read(without("google/gemma-2-2b", ...keys));
    expect([missing.facts.logitCap, missing.attentionCap]).toEqual([30, 50]);
    const none = read(of("google/gemma-2-2b", Object.fromEntries(keys.map((key) => [key, null]))));
    expect([none.facts.logitCap, none.attentionCap]).toEqual([null, undefined]);
  });
});

describe("bad numbers", () => {
  it.each([
    [
      "openai-community/gpt2",
      { n_head: 7 },
      /n_embd in config\.json: 768 \(must be a multiple of n_head = 7\)/,
    ],
    [
      "meta-llama/Llama-2-7b-hf",
      { num_key_value_heads: 5 },
      /num_attention_heads.*32 \(must be a multiple of/,
    ],
    ["meta-llama/Llama-2-7b-hf", { hidden_size: 1.5 }, /hidden_size = 1.5 \(expected a positive integer\)/],
    [
      "meta-llama/Llama-2-7b-hf",
      { rope_scaling: "linear" },
      /rope_scaling = "linear" \(expected an object\)/,
    ],
    ["google/gemma-2-2b", { attention_bias: true }, /attention_bias = true \(supported: false\)/],
    ["Qwen/Qwen3-0.6B", { layer_types: [1] }, /layer_types = \[1\] \(expected a list of strings\)/],
    ["facebook/opt-350m", { _remove_final_layer_norm: true }, /_remove_final_layer_norm = true/],
  ])("of %s: %j", (name, changes, message) => {
    expect(() => read(of(name, changes))).toThrow(message);
  });
});

describe("tensors that nobody reads", () => {
  const spec = (config: Record<string, unknown>, extra: string[]) => {
    const plain = read(config);
    const tensors = new Map(
      [...expectedShapes(plain)].map(({ name, shape }) => [name, { name, shape, file: "", offset: 0 }]),
    );
    for (const name of extra) tensors.set(name, { name, shape: [1], file: "", offset: 0 });
    return readModelSpec({ name: "mine", config, tensors } as never);
  };

  it.each([
    ["meta-llama/Llama-2-7b-hf", "model.layers.3.self_attn.q_proj.bias"],
    ["meta-llama/Llama-2-7b-hf", "model.layers.3.self_attn.q_norm.weight"],
    ["meta-llama/Llama-2-7b-hf", "model.layers.32.input_layernorm.weight"],
    ["openai-community/gpt2", "transformer.h.12.ln_1.weight"],
  ])("of a block of %s are refused: %s", (name, extra) => {
    expect(() => spec(of(name), [extra])).toThrow(
      `tensor ${extra} of mine: config.json does not account for it`,
    );
  });

  it("are buffers of old files, or heads for other tasks", () => {
    expect(() =>
      spec(of("openai-community/gpt2"), ["transformer.h.0.attn.bias", "score.weight"]),
    ).not.toThrow();
    const neox = [
      "gpt_neox.layers.0.attention.masked_bias",
      "gpt_neox.layers.0.attention.rotary_emb.inv_freq",
    ];
    expect(() => spec(of("EleutherAI/pythia-160m"), neox)).not.toThrow();
  });
});
