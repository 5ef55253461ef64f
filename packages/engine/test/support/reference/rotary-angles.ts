/** What config.json says of rotary embeddings, in its spellings of transformers 4 and 5. */
export interface RotaryConfig {
  rope_parameters?: Rope;
  rope_scaling?: Rope | null;
  rope_theta?: number;
  max_position_embeddings: number;
}
interface Rope {
  rope_type?: string;
  type?: string;
  rope_theta?: number;
  factor?: number;
  low_freq_factor?: number;
  high_freq_factor?: number;
  original_max_position_embeddings?: number;
}

/** Radians per position of each pair of the `rotated` numbers that rotate. */
export function rotaryAngles(config: RotaryConfig, rotated: number): number[] {
  const rope = config.rope_parameters ?? config.rope_scaling ?? {};
  const theta = rope.rope_theta ?? config.rope_theta!;
  const plain = Array.from({ length: rotated / 2 }, (_, i) => 1 / theta ** (i / (rotated / 2)));
  const type = rope.rope_type ?? rope.type ?? "default";
  if (type === "default") return plain;
  if (type === "linear") return plain.map((angle) => angle / rope.factor!);
  if (type !== "llama3") throw new Error(`the reference transformer lacks rope type ${type}`);
  // By wavelengths, as the paper of Llama 3.1's own code has it.
  const [longest, shortest] = [rope.low_freq_factor!, rope.high_freq_factor!].map(
    (factor) => rope.original_max_position_embeddings! / factor,
  ) as [number, number];
  return plain.map((angle) => {
    const wavelength = (2 * Math.PI) / angle;
    if (wavelength < shortest) return angle;
    if (wavelength > longest) return angle / rope.factor!;
    const share =
      (rope.original_max_position_embeddings! / wavelength - rope.low_freq_factor!) /
      (rope.high_freq_factor! - rope.low_freq_factor!);
    return (1 - share) * (angle / rope.factor!) + share * angle;
  });
}
