import type { Change, Family, TensorRule } from "./family.ts";
import type { GgufMetadata } from "./metadata.ts";
import { ropeParameters } from "./rope.ts";

const to = (name: string, change: Change = "none"): TensorRule => ({ name, change });
const BLOCK = "model.layers.{layer}";
const UNREAD: TensorRule = { name: null, change: "none" };

const llamaTensors = (qk: { q: Change; k: Change }): Record<string, TensorRule> => ({
  token_embd: to("model.embed_tokens"),
  output_norm: to("model.norm"),
  output: to("lm_head"),
  // Read with the metadata, and the same numbers that config.json says.
  rope_freqs: UNREAD,
  "blk.{layer}.attn_norm": to(`${BLOCK}.input_layernorm`),
  "blk.{layer}.attn_q": to(`${BLOCK}.self_attn.q_proj`, qk.q),
  "blk.{layer}.attn_k": to(`${BLOCK}.self_attn.k_proj`, qk.k),
  "blk.{layer}.attn_v": to(`${BLOCK}.self_attn.v_proj`),
  "blk.{layer}.attn_output": to(`${BLOCK}.self_attn.o_proj`),
  "blk.{layer}.ffn_norm": to(`${BLOCK}.post_attention_layernorm`),
  "blk.{layer}.ffn_gate": to(`${BLOCK}.mlp.gate_proj`),
  "blk.{layer}.ffn_up": to(`${BLOCK}.mlp.up_proj`),
  "blk.{layer}.ffn_down": to(`${BLOCK}.mlp.down_proj`),
});

/** What all families with llama's names of keys share. */
function llamaConfig(modelType: string, read: GgufMetadata): Record<string, unknown> {
  const [width, heads] = [read.integer("embedding_length"), read.integer("attention.head_count")];
  const headWidth = read.integer("attention.key_length", width / heads);
  read.require("attention.value_length", [headWidth]);
  read.require("rope.dimension_count", [headWidth]);
  read.require("expert_count", [0]);
  read.require("expert_used_count", [0]);
  read.require("attention.causal", [true]);
  return {
    model_type: modelType,
    hidden_size: width,
    num_hidden_layers: read.integer("block_count"),
    num_attention_heads: heads,
    num_key_value_heads: read.integer("attention.head_count_kv", heads),
    head_dim: headWidth,
    intermediate_size: read.integer("feed_forward_length"),
    max_position_embeddings: read.integer("context_length"),
    rms_norm_eps: read.number("attention.layer_norm_rms_epsilon"),
    vocab_size: read.vocabulary(),
    tie_word_embeddings: !read.has("output.weight"),
  };
}

/** Llama, and Mistral, which llama.cpp writes as the same: only a sliding window tells them apart, where the file has it. */
const llama: Family = {
  name: "llama",
  tensors: llamaTensors({ q: { rotaryPairsOf: "heads" }, k: { rotaryPairsOf: "kvHeads" } }),
  config(read) {
    const window = read.integerOrNull("attention.sliding_window");
    return {
      ...llamaConfig(window === null ? "llama" : "mistral", read),
      ...ropeParameters(read),
      ...(window !== null && { sliding_window: window }),
      hidden_act: "silu",
      attention_bias: read.has("blk.0.attn_q.bias"),
      mlp_bias: read.has("blk.0.ffn_gate.bias"),
    };
  },
};

const qwen2: Family = {
  name: "qwen2",
  tensors: llamaTensors({ q: "none", k: "none" }),
  config: (read) => ({ ...llamaConfig("qwen2", read), ...ropeParameters(read), hidden_act: "silu" }),
};

const qwen3: Family = {
  name: "qwen3",
  tensors: {
    ...qwen2.tensors,
    "blk.{layer}.attn_q_norm": to(`${BLOCK}.self_attn.q_norm`),
    "blk.{layer}.attn_k_norm": to(`${BLOCK}.self_attn.k_norm`),
  },
  config: (read) => ({
    ...llamaConfig("qwen3", read),
    ...ropeParameters(read),
    hidden_act: "silu",
    attention_bias: read.has("blk.0.attn_q.bias"),
  }),
};

const gemma2: Family = {
  name: "gemma2",
  tensors: {
    ...qwen2.tensors,
    output_norm: to("model.norm", "plusOne"),
    "blk.{layer}.attn_norm": to(`${BLOCK}.input_layernorm`, "plusOne"),
    "blk.{layer}.post_attention_norm": to(`${BLOCK}.post_attention_layernorm`, "plusOne"),
    "blk.{layer}.ffn_norm": to(`${BLOCK}.pre_feedforward_layernorm`, "plusOne"),
    "blk.{layer}.post_ffw_norm": to(`${BLOCK}.post_feedforward_layernorm`, "plusOne"),
  },
  config(read) {
    const config = llamaConfig("gemma2", read);
    // The file does not say query_pre_attn_scalar. As llama.cpp, by the sizes there are: the head's width, but width / heads of the 27B model.
    const [width, heads] = [Number(config.hidden_size), Number(config.num_attention_heads)];
    const is27B = config.num_hidden_layers === 46;
    return {
      ...config,
      ...ropeParameters(read),
      hidden_activation: "gelu_pytorch_tanh",
      query_pre_attn_scalar: is27B ? width / heads : config.head_dim,
      attn_logit_softcapping: read.number("attn_logit_softcapping", 50),
      final_logit_softcapping: read.number("final_logit_softcapping", 30),
      sliding_window: read.integer("attention.sliding_window", 4096),
    };
  },
};

const gpt2: Family = {
  name: "gpt2",
  tensors: {
    token_embd: to("transformer.wte"),
    position_embd: to("transformer.wpe"),
    output_norm: to("transformer.ln_f"),
    output: to("lm_head"),
    "blk.{layer}.attn_norm": to("transformer.h.{layer}.ln_1"),
    "blk.{layer}.attn_qkv": to("transformer.h.{layer}.attn.c_attn", "transposed"),
    "blk.{layer}.attn_output": to("transformer.h.{layer}.attn.c_proj", "transposed"),
    "blk.{layer}.ffn_norm": to("transformer.h.{layer}.ln_2"),
    "blk.{layer}.ffn_up": to("transformer.h.{layer}.mlp.c_fc", "transposed"),
    "blk.{layer}.ffn_down": to("transformer.h.{layer}.mlp.c_proj", "transposed"),
  },
  config: (read) => ({
    model_type: "gpt2",
    n_embd: read.integer("embedding_length"),
    n_layer: read.integer("block_count"),
    n_head: read.integer("attention.head_count"),
    n_inner: read.integer("feed_forward_length"),
    n_positions: read.integer("context_length"),
    layer_norm_epsilon: read.number("attention.layer_norm_epsilon"),
    activation_function: "gelu_new",
    vocab_size: read.vocabulary(),
    tie_word_embeddings: !read.has("output.weight"),
  }),
};

const NEOX = "gpt_neox.layers.{layer}";
const gptNeox: Family = {
  name: "gptneox",
  tensors: {
    token_embd: to("gpt_neox.embed_in"),
    output_norm: to("gpt_neox.final_layer_norm"),
    output: to("embed_out"),
    "blk.{layer}.attn_norm": to(`${NEOX}.input_layernorm`),
    "blk.{layer}.attn_qkv": to(`${NEOX}.attention.query_key_value`, "fused"),
    "blk.{layer}.attn_output": to(`${NEOX}.attention.dense`),
    "blk.{layer}.ffn_norm": to(`${NEOX}.post_attention_layernorm`),
    "blk.{layer}.ffn_up": to(`${NEOX}.mlp.dense_h_to_4h`),
    "blk.{layer}.ffn_down": to(`${NEOX}.mlp.dense_4h_to_h`),
  },
  config(read) {
    const [width, heads] = [read.integer("embedding_length"), read.integer("attention.head_count")];
    return {
      model_type: "gpt_neox",
      hidden_size: width,
      num_hidden_layers: read.integer("block_count"),
      num_attention_heads: heads,
      intermediate_size: read.integer("feed_forward_length"),
      max_position_embeddings: read.integer("context_length"),
      layer_norm_eps: read.number("attention.layer_norm_epsilon"),
      use_parallel_residual: read.boolean("use_parallel_residual", true),
      rotary_pct: read.integer("rope.dimension_count", width / heads) / (width / heads),
      rotary_emb_base: read.number("rope.freq_base", 10_000),
      hidden_act: "gelu",
      attention_bias: read.has("blk.0.attn_qkv.bias"),
      vocab_size: read.vocabulary(),
      tie_word_embeddings: !read.has("output.weight"),
    };
  },
};

/** The architectures that GGUF files are read of. */
export const FAMILIES: readonly Family[] = [llama, qwen2, qwen3, gemma2, gpt2, gptNeox];
