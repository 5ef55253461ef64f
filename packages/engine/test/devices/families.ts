/** Each architecture once, and norms on the stream itself; `npm run test:devices` takes every folder. */
export const REPRESENTATIVE = [
  "gpt2",
  "opt",
  "opt-post-norm",
  "llama",
  "mistral",
  "qwen2-tied",
  "qwen3",
  "gpt-neox-parallel",
  "gemma2",
];
export const ALL = process.env.RECALLSCOPE_TEST_DEVICES === "all";
