import { llamaLike } from "./llama-like.ts";

/** Mistral: Llama with a sliding window in all layers, if config.json names one. */
export const mistral = llamaLike({
  modelType: "mistral",
  biases: () => ({ qkv: false, out: false, mlp: false }),
  positions: 4096 * 32,
  window: (read) => read.integerOrNull("sliding_window", 4096),
});
