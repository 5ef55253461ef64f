import { EngineError } from "../errors.ts";
import { ConfigReader, show } from "./config-reader.ts";

/** A family's own name for the base, and its key for the rotated share of a head with what is meant where it is missing. */
export interface RotaryKeys {
  theta?: string;
  partial?: { key: string; fallback: number };
}

/**
 * Inverse frequencies of the rotary embedding in radians per position, `[r]`, for the first 2 r dimensions of a head. `rope_parameters`
 * (transformers 5) and `rope_theta` + `rope_scaling` are understood, of types default, linear (Chen et al. 2023) and llama3 (Llama 3.1).
 * @throws EngineError UNSUPPORTED_MODEL for types whose frequencies depend on the prompt's length, or that are unknown
 */
export function rotaryFrequencies(
  read: ConfigReader,
  headWidth: number,
  { theta: thetaKey = "rope_theta", partial: share }: RotaryKeys = {},
): Float64Array {
  const [now, before] = [read.object("rope_parameters"), read.object("rope_scaling")];
  if (Object.keys(now).length > 0 && Object.keys(before).length > 0)
    throw new EngineError(
      "BAD_CONFIG",
      "rope_parameters and rope_scaling in config.json: both are given (keep the one that holds)",
    );
  const given = Object.keys(now).length > 0 ? now : before;
  const rope = new ConfigReader(given);
  const type = given.rope_type ?? given.type ?? "default";
  rope.ignore("rope_type", "type");
  const theta = given.rope_theta === undefined ? read.number(thetaKey, 10_000) : rope.number("rope_theta");
  read.ignore(thetaKey);
  const partial = rotatedShare(read, rope, given, share);
  const rotated = Math.floor(headWidth * partial);
  if (partial > 1 || rotated % 2 !== 0 || rotated === 0)
    throw new EngineError(
      "BAD_CONFIG",
      `rotated dimensions of a head in config.json: ${rotated} of ${headWidth} (rotary embeddings need an even number, at most the head's width)`,
    );
  const plain = Float64Array.from({ length: rotated / 2 }, (_, i) => theta ** ((-2 * i) / rotated));
  const scaled = scaledFrequencies(type, rope, plain, read);
  rope.finish();
  return scaled;
}

/** Only families that name a key for it rotate part of a head. */
function rotatedShare(
  read: ConfigReader,
  rope: ConfigReader,
  given: Record<string, unknown>,
  share: RotaryKeys["partial"],
): number {
  const KEY = "partial_rotary_factor";
  if (!share) {
    for (const own of [read, rope]) own.require(KEY, [1]);
    return 1;
  }
  const outside = read.number(share.key, read.number(KEY, share.fallback));
  return given[KEY] === undefined ? outside : rope.number(KEY);
}

function scaledFrequencies(
  type: unknown,
  rope: ConfigReader,
  plain: Float64Array,
  read: ConfigReader,
): Float64Array {
  if (type === "default") {
    // Left over from a scaling that is off.
    rope.ignore("factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings");
    return plain;
  }
  if (type === "linear") {
    const factor = rope.number("factor");
    return plain.map((frequency) => frequency / factor);
  }
  if (type !== "llama3")
    throw new EngineError(
      "UNSUPPORTED_MODEL",
      `rope type in config.json: ${show(type)} (supported: "default", "linear", "llama3")`,
    );
  const [factor, low, high] = ["factor", "low_freq_factor", "high_freq_factor"].map((key) =>
    rope.number(key),
  ) as [number, number, number];
  const length = rope.has("original_max_position_embeddings")
    ? rope.number("original_max_position_embeddings")
    : read.integer("max_position_embeddings");
  if (high <= low)
    throw new EngineError(
      "BAD_CONFIG",
      `high_freq_factor in config.json: ${high} (must be above low_freq_factor = ${low})`,
    );
  return plain.map((frequency) => {
    // How often the wave fits into the length the model was first trained on.
    const turns = (length * frequency) / (2 * Math.PI);
    if (turns > high) return frequency;
    if (turns < low) return frequency / factor;
    const smooth = (turns - low) / (high - low);
    return ((1 - smooth) / factor + smooth) * frequency;
  });
}
