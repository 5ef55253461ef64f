import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readModelSpec } from "../../../src/architectures/index.ts";
import { locateCheckpoint, openCheckpoint } from "../../../src/checkpoints/open-checkpoint.ts";
import { readTensor } from "../../../src/checkpoints/read-tensor.ts";
import { resolveModel } from "../../../src/checkpoints/resolve-model.ts";
import { bytesOf, temporaryFolder, write } from "../files.ts";
import { ggufBytes, type RawGgufTensor, type Typed } from "./gguf-bytes.ts";

const MODELS = path.join(import.meta.dirname, "../../fixtures/gguf/models");
const Q8 = path.join(MODELS, "llama-q8.gguf");
const folder = temporaryFolder();
let count = 0;

const HEAD = 8;
const KEYS: [string, Typed][] = [
  ["general.architecture", { text: "llama" }],
  ["llama.embedding_length", { u32: 16 }],
  ["llama.block_count", { u32: 1 }],
  ["llama.attention.head_count", { u32: 2 }],
  ["llama.feed_forward_length", { u32: 32 }],
  ["llama.context_length", { u32: 64 }],
  ["llama.attention.layer_norm_rms_epsilon", { f32: 1e-5 }],
];
const tensor = (name: string, dimensions: number[], value = 0.5): RawGgufTensor => ({
  name,
  type: 0,
  dimensions,
  bytes: bytesOf(new Float32Array(dimensions.reduce((a, b) => a * b, 1)).fill(value)),
});
const EMBEDDING = tensor("token_embd.weight", [16, 4]);
const gguf = (keys: readonly [string, Typed][], tensors: readonly RawGgufTensor[] = [EMBEDDING]) =>
  write(folder, `${count++}.gguf`, ggufBytes(keys, tensors));
const weightsFolder = path.join(folder, "cache");
const open = (file: string) => openCheckpoint(file, "it", { weightsFolder });

describe("the config of a GGUF file", () => {
  it("gives numbers as config.json has them, and what the tensors say", async () => {
    const keys: [string, Typed][] = [
      ...KEYS,
      ["llama.rope.freq_base", { f32: 500_000 }],
      ["llama.vocab_size", { u32: 4 }],
    ];
    expect((await locateCheckpoint(gguf(keys), "it")).config).toMatchObject({
      model_type: "llama",
      rms_norm_eps: 1e-5,
      rope_theta: 500_000,
      rope_scaling: null,
      num_key_value_heads: 2,
      head_dim: HEAD,
      vocab_size: 4,
      tie_word_embeddings: true,
      attention_bias: false,
    });
    const untied = gguf(KEYS, [EMBEDDING, tensor("output.weight", [16, 4])]);
    expect((await locateCheckpoint(untied, "it")).config.tie_word_embeddings).toBe(false);
  });

  it("reads linear scaling and a sliding window", async () => {
    const linear: [string, Typed][] = [
      ...KEYS,
      ["llama.rope.scaling.type", { text: "linear" }],
      ["llama.rope.scaling.factor", { f32: 2.5 }],
      ["llama.attention.sliding_window", { u32: 16 }],
    ];
    expect((await locateCheckpoint(gguf(linear), "it")).config).toMatchObject({
      model_type: "mistral",
      sliding_window: 16,
      rope_scaling: { rope_type: "linear", factor: 2.5 },
    });
  });

  /** The factors that llama.cpp's converter writes for Llama 3. */
  const llama3 = (factor: number, theta: number, length = 8192) =>
    Float32Array.from({ length: HEAD / 2 }, (_, i) => {
      const wave = 2 * Math.PI * theta ** ((2 * i) / HEAD);
      if (wave < length / 4) return 1;
      if (wave > length) return factor;
      const smooth = (length / wave - 1) / 3;
      return 1 / ((1 - smooth) / factor + smooth);
    });
  const withFactors = (factors: Float32Array, ...more: [string, Typed][]) =>
    gguf(
      [...KEYS, ["llama.rope.freq_base", { f32: 500_000 }], ...more],
      [
        EMBEDDING,
        { name: "rope_freqs.weight", type: 0, dimensions: [factors.length], bytes: bytesOf(factors) },
      ],
    );

  it.each([8, 32])("finds Llama 3's numbers in factors up to %d", async (factor) => {
    const { config } = await locateCheckpoint(withFactors(llama3(factor, 500_000)), "it");
    expect(config.rope_scaling).toEqual({
      rope_type: "llama3",
      factor,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    });
  });

  it.each<[what: string, file: () => string, code: string, message: RegExp]>([
    [
      "another architecture",
      () => gguf([["general.architecture", { text: "mamba" }]]),
      "UNSUPPORTED_MODEL",
      /general.architecture = "mamba" .*supported in GGUF files: llama, qwen2, qwen3, gemma2, gpt2, gptneox/,
    ],
    ["no architecture", () => gguf([]), "UNSUPPORTED_MODEL", /general.architecture = missing/],
    [
      "a missing key",
      () => gguf(KEYS.slice(0, 1)),
      "BAD_CONFIG",
      /llama.embedding_length = missing \(expected a positive integer\)/,
    ],
    [
      "a text for a number",
      () => gguf([...KEYS.slice(0, 1), ["llama.embedding_length", { text: "16" }]]),
      "BAD_CONFIG",
      /llama.embedding_length = "16"/,
    ],
    [
      "a key that is not understood",
      () => gguf([...KEYS, ["llama.attention.scale", { f32: 2 }]]),
      "UNSUPPORTED_MODEL",
      /llama.attention.scale = 2 \(this key is not understood/,
    ],
    [
      "experts",
      () => gguf([...KEYS, ["llama.expert_count", { u32: 8 }]]),
      "UNSUPPORTED_MODEL",
      /llama.expert_count = 8 \(supported: 0\)/,
    ],
    [
      "values of another width",
      () => gguf([...KEYS, ["llama.attention.value_length", { u32: 4 }]]),
      "UNSUPPORTED_MODEL",
      /value_length = 4 \(supported: 8\)/,
    ],
    [
      "yarn",
      () => gguf([...KEYS, ["llama.rope.scaling.type", { text: "yarn" }]]),
      "UNSUPPORTED_MODEL",
      /rope.scaling.type = "yarn" \(supported: "none", "linear"\)/,
    ],
    [
      "other factors",
      () => withFactors(Float32Array.of(1, 2, 3, 4)),
      "UNSUPPORTED_MODEL",
      /rope_freqs.weight with other factors/,
    ],
    [
      "factors of another length",
      () => withFactors(llama3(8, 500_000, 4096)),
      "UNSUPPORTED_MODEL",
      /rope_freqs.weight with other factors/,
    ],
    ["no embedding", () => gguf(KEYS, []), "BAD_WEIGHTS", /token_embd.weight is missing/],
    [
      "a tensor of another architecture",
      () => gguf(KEYS, [EMBEDDING, tensor("blk.0.ffn_gate_exps.weight", [16, 4])]),
      "BAD_WEIGHTS",
      /blk.0.ffn_gate_exps.weight is not part of llama/,
    ],
    [
      "a tensor with an unknown ending",
      () => gguf(KEYS, [EMBEDDING, tensor("blk.0.attn_q.scale", [16])]),
      "BAD_WEIGHTS",
      /blk.0.attn_q.scale is not part of llama/,
    ],
  ])("refuses %s", async (_, file, code, message) => {
    await expect(locateCheckpoint(file(), "it")).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it("lets the architecture refuse what is missing", async () => {
    expect(() => readModelSpec({ name: "it", config: {}, tensors: new Map() })).toThrow();
    const located = await locateCheckpoint(gguf(KEYS), "it");
    expect(() => readModelSpec(located)).toThrow(
      /tensor of it: model.layers.0.input_layernorm.weight is missing/,
    );
  });
});

describe("the weights of a GGUF file", () => {
  const own = () => {
    const cache = path.join(folder, `cache ${count++}`);
    return { cache, files: () => readdirSync(path.join(cache, "gguf")), options: { weightsFolder: cache } };
  };

  it("stay where they are when graphs can read them", async () => {
    const { cache, options } = own();
    const { tensors, types } = await openCheckpoint(path.join(MODELS, "qwen2-tied.gguf"), "it", options);
    expect(new Set([...tensors.values()].map(({ file }) => file))).toEqual(
      new Set([path.join(MODELS, "qwen2-tied.gguf")]),
    );
    expect(types).toEqual(["BF16", "F32"]);
    expect(() => statSync(cache)).toThrow("ENOENT");
  });

  it("are unpacked once for each content, as float16 where they were quantised", async () => {
    const { cache, files, options } = own();
    const seen: number[] = [];
    const first = await openCheckpoint(Q8, "it", {
      ...options,
      onRestore: (_, done, total) => seen.push(done / total),
    });
    expect(first.types).toEqual(["F32", "Q8_0"]);
    expect(first.tensors.get("model.layers.0.self_attn.q_proj.weight")!.dtype).toBe("F16");
    expect(first.tensors.get("model.norm.weight")).toMatchObject({ dtype: "F32", file: Q8 });
    expect(seen.at(-1)).toBe(1);
    expect(files()).toHaveLength(1);
    const cached = path.join(cache, "gguf", files()[0]!);
    const before = statSync(cached).mtimeMs;
    const copy = path.join(folder, "copy.gguf");
    copyFileSync(Q8, copy);
    const again = await openCheckpoint(copy, "it", {
      ...options,
      onRestore: () => expect.fail("made again"),
    });
    expect(statSync(cached).mtimeMs).toBe(before);
    expect(again.tensors.get("model.layers.0.self_attn.q_proj.weight")!.file).toBe(cached);
    expect(again.weightHash).not.toBe(first.weightHash);
  });

  it("are unpacked again when the cache is damaged", async () => {
    const { cache, files, options } = own();
    const { tensors } = await openCheckpoint(Q8, "it", options);
    const whole = await readTensor(tensors.get("lm_head.weight")!);
    const cached = path.join(cache, "gguf", files()[0]!);
    writeFileSync(cached, readFileSync(cached).subarray(0, 20_000));
    const again = await openCheckpoint(Q8, "it", options);
    expect(await readTensor(again.tensors.get("lm_head.weight")!)).toEqual(whole);
  });

  it("leave nothing behind when it is cancelled, and sweep up what a killed process left", async () => {
    const { cache, files, options } = own();
    mkdirSync(path.join(cache, "gguf"), { recursive: true });
    const [old, young] = ["old.part", "young.part"].map((name) => write(path.join(cache, "gguf"), name, "x"));
    utimesSync(old!, 0, 0);
    const signal = AbortSignal.abort();
    await expect(openCheckpoint(Q8, "it", { ...options, signal })).rejects.toMatchObject({
      code: "CANCELLED",
    });
    expect(files()).toEqual([path.basename(young!)]);
  });

  it("are made by two at once without harm", async () => {
    const { files, options } = own();
    await Promise.all([openCheckpoint(Q8, "it", options), openCheckpoint(Q8, "it", options)]);
    expect(files()).toHaveLength(1);
  });

  it("say where the cache cannot be", async () => {
    const file = write(folder, "not-a-folder", "x");
    await expect(openCheckpoint(Q8, "it", { weightsFolder: file })).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringMatching(
        /weights cache: .*not-a-folder.gguf cannot be made \(.*set RECALLSCOPE_CACHE/,
      ),
    });
  });

  /** Two blocks of Q8_0 with a scale, and 32 numbers of 127. */
  const q8 = (scaleBits: number): RawGgufTensor => {
    const block = new Uint8Array(34).fill(127);
    block.set([scaleBits & 255, scaleBits >> 8]);
    return { name: "output.weight", type: 8, dimensions: [32, 1], bytes: block };
  };
  it.each([
    ["NaN", 0x7e00, /tensor output.weight: number 0 is NaN or infinite/],
    ["infinite", 0x7c00, /tensor output.weight: number 0 is NaN or infinite/],
    ["beyond float16", 0x6400, /tensor output.weight has numbers beyond 65504/],
  ])("are refused where a number is %s", async (_, scale, message) => {
    await expect(open(gguf(KEYS, [EMBEDDING, q8(scale)]))).rejects.toMatchObject({
      code: "BAD_WEIGHTS",
      message: expect.stringMatching(message),
    });
  });

  it("are refused where the heads do not fit the rows", async () => {
    const file = gguf(KEYS, [EMBEDDING, tensor("blk.0.attn_q.weight", [16, 6])]);
    await expect(open(file)).rejects.toThrow(
      /tensor blk.0.attn_q.weight has 6 rows \(expected a multiple of 4\)/,
    );
  });

  it("have a hash of the file's name and content", async () => {
    const [a, b] = [gguf(KEYS), gguf([...KEYS, ["general.name", { text: "x" }]])];
    const [first, second] = [await open(a), await open(b)];
    expect(first.weightHash).toMatch(/^[0-9a-f]{64}$/);
    expect(first.weightHash).not.toBe(second.weightHash);
  });
});

describe("a model given as a GGUF file", () => {
  const places = { modelsFolder: folder, cacheFolder: path.join(folder, "hub"), offline: true };

  it("is resolved to the file, or said not to be there", async () => {
    expect(await resolveModel(Q8, places)).toBe(Q8);
    await expect(resolveModel("owner/name.gguf", places)).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringMatching(/no file .*name.gguf/),
    });
  });

  it("is named where its folder is given instead", async () => {
    const inside = temporaryFolder();
    write(inside, "config.json", { model_type: "llama" });
    write(inside, "it.gguf", "x");
    await expect(openCheckpoint(inside, "it")).rejects.toThrow(/give the GGUF file itself: .*it.gguf/);
  });
});
