import { llamaLike } from "./llama-like.ts";

/** Llama and models saved as Llama (TinyLlama, SmolLM2). */
export const llama = llamaLike({
  modelType: "llama",
  biases: (read) => {
    const attention = read.boolean("attention_bias", false);
    return { qkv: attention, out: attention, mlp: read.boolean("mlp_bias", false) };
  },
});
