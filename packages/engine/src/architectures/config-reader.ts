import { EngineError } from "../errors.ts";
import { ACTIVATIONS, type Activation } from "./architecture.ts";

/** Reads config.json keys with their types checked; every message names the key, the value and what is allowed. */
export class ConfigReader {
  constructor(private readonly config: Record<string, unknown>) {}

  integer(key: string, fallback?: number): number {
    const value = this.config[key] ?? fallback;
    if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
    throw this.bad(key, value, "a positive integer");
  }

  number(key: string, fallback?: number): number {
    const value = this.config[key] ?? fallback;
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    throw this.bad(key, value, "a positive number");
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.config[key] ?? fallback;
    if (typeof value === "boolean") return value;
    throw this.bad(key, value, "true or false");
  }

  activation(key: string, fallback?: string, names: Record<string, Activation> = {}): Activation {
    const value = this.config[key] ?? fallback;
    const name = names[String(value)] ?? value;
    if (ACTIVATIONS.includes(name as Activation)) return name as Activation;
    const allowed = [...ACTIVATIONS, ...Object.keys(names)].join(", ");
    throw new EngineError(
      "UNSUPPORTED_MODEL",
      `activation in config.json: ${key} = ${show(value)} (allowed: ${allowed})`,
    );
  }

  /** Refuses a key that changes the computation in a way the graphs do not know. */
  require(key: string, allowed: readonly unknown[]): void {
    const value = this.config[key];
    if (value === undefined || value === null || allowed.includes(value)) return;
    const list = allowed.map(show).join(", ");
    throw new EngineError(
      "UNSUPPORTED_MODEL",
      `setting in config.json: ${key} = ${show(value)} (supported: ${list})`,
    );
  }

  /** Inverse frequencies of the rotary embedding; `rope_parameters` (transformers 5) and `rope_theta` + `rope_scaling` are understood. */
  rotary(headWidth: number): Float64Array {
    const parameters = (this.config.rope_parameters ?? this.config.rope_scaling ?? {}) as Record<
      string,
      unknown
    >;
    const type = parameters.rope_type ?? parameters.type ?? "default";
    if (type !== "default") {
      throw new EngineError(
        "UNSUPPORTED_MODEL",
        `rope type in config.json: ${show(type)} (supported: "default")`,
      );
    }
    const partial = parameters.partial_rotary_factor ?? this.config.partial_rotary_factor ?? 1;
    if (partial !== 1) {
      throw new EngineError(
        "UNSUPPORTED_MODEL",
        `partial_rotary_factor in config.json: ${show(partial)} (supported: 1)`,
      );
    }
    const theta = new ConfigReader({ rope_theta: parameters.rope_theta ?? this.config.rope_theta }).number(
      "rope_theta",
      10_000,
    );
    if (headWidth % 2 !== 0) {
      throw new EngineError(
        "BAD_CONFIG",
        `head width in config.json: ${headWidth} (rotary embeddings need an even number)`,
      );
    }
    return Float64Array.from({ length: headWidth / 2 }, (_, i) => theta ** ((-2 * i) / headWidth));
  }

  private bad(key: string, value: unknown, expected: string): EngineError {
    return new EngineError(
      "BAD_CONFIG",
      `value in config.json: ${key} = ${show(value)} (expected ${expected})`,
    );
  }
}

const show = (value: unknown): string => (value === undefined ? "missing" : JSON.stringify(value));
