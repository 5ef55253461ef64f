import { llamaLike } from "./llama-like.ts";
import { qwenWindow } from "./qwen2.ts";

/** Qwen3 (dense): Llama with q and k normed head by head. */
export const qwen3 = llamaLike({
  modelType: "qwen3",
  biases: (read) => {
    const attention = read.boolean("attention_bias", false);
    return { qkv: attention, out: attention, mlp: false };
  },
  headWidth: () => 128,
  headNorms: true,
  positions: 32_768,
  window: qwenWindow,
});
