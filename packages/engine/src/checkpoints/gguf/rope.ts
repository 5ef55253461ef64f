import type { GgufMetadata } from "./metadata.ts";

/** Llama 3.1 and its successors; the file has only the factors that follow from these. */
const LLAMA3 = { low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };

/** config.json's keys of the rotary embedding. @throws EngineError UNSUPPORTED_MODEL for scalings that are not understood */
export function ropeParameters(read: GgufMetadata): Record<string, unknown> {
  const theta = read.number("rope.freq_base", 10_000);
  read.require("rope.scaling.type", ["none", "linear"]);
  const linear = read.number("rope.scaling.factor", read.number("rope.scale_linear", 1));
  const scaled = read.text("rope.scaling.type") !== "none" && linear !== 1;
  const factors = read.ropeFactors;
  if (factors && scaled) throw read.unsupported("rope_freqs.weight and rope.scaling.factor at once");
  const scaling = factors
    ? llama3(read, factors, theta)
    : scaled
      ? { rope_type: "linear", factor: linear }
      : null;
  return { rope_theta: theta, rope_scaling: scaling };
}

/** Numbers of config.json that give the same factors, which divide the frequencies. */
function llama3(read: GgufMetadata, factors: Float32Array, theta: number): Record<string, unknown> {
  const factor = factors.reduce((most, value) => Math.max(most, value), 1);
  const { low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: length } = LLAMA3;
  const agree = factors.every((given, i) => {
    const turns = (length * theta ** (-i / factors.length)) / (2 * Math.PI);
    const smooth = Math.min(1, Math.max(0, (turns - low) / (high - low)));
    return Math.abs(given * ((1 - smooth) / factor + smooth) - 1) < 1e-4;
  });
  if (!agree || factor === 1)
    throw read.unsupported("rope_freqs.weight with other factors than those of Llama 3");
  return { rope_type: "llama3", factor, ...LLAMA3 };
}
