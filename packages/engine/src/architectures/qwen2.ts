import type { ConfigReader } from "./config-reader.ts";
import { llamaLike } from "./llama-like.ts";
import { someLayerSlides } from "./sliding-window.ts";

/** Qwen2 and Qwen2.5: Llama with biases on q, k and v. */
export const qwen2 = llamaLike({
  modelType: "qwen2",
  biases: () => ({ qkv: true, out: false, mlp: false }),
  positions: 32_768,
  window: qwenWindow,
});

/** Layers from `max_window_layers` on have a window, if `use_sliding_window` says so; `layer_types` overrules both. */
export function qwenWindow(read: ConfigReader): number | null {
  const window = read.integerOrNull("sliding_window", 4096);
  const used = read.boolean("use_sliding_window", false);
  const first = read.wholeNumber("max_window_layers", 28);
  const slides = someLayerSlides(read) ?? (used && first < read.integer("num_hidden_layers"));
  return slides ? window : null;
}
