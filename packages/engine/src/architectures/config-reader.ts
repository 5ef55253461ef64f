import { EngineError } from "../errors.ts";
import { ACTIVATIONS, type Activation } from "./architecture.ts";
import { isHarmless } from "./harmless-keys.ts";

/** Reads config.json keys with their types checked; every message names the key, the value and what is allowed. */
export class ConfigReader {
  private readonly read = new Set<string>();

  constructor(private readonly config: Record<string, unknown>) {}

  integer(key: string, fallback?: number): number {
    const value = this.value(key) ?? fallback;
    if (typeof value === "number" && Number.isInteger(value) && value > 0) return value;
    throw this.bad(key, value, "a positive integer");
  }

  /** The same where 0 is allowed. */
  wholeNumber(key: string, fallback: number): number {
    return this.value(key) === 0 ? 0 : this.integer(key, fallback);
  }

  /** A positive integer or null; `fallback` where the key is missing. */
  integerOrNull(key: string, fallback: number | null = null): number | null {
    const value = this.value(key);
    if (value === undefined) return fallback;
    return value === null ? null : this.integer(key);
  }

  number(key: string, fallback?: number): number {
    const value = this.value(key) ?? fallback;
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return value;
    throw this.bad(key, value, "a positive number");
  }

  /** A positive number or null; `fallback` where the key is missing. */
  numberOrNull(key: string, fallback: number | null = null): number | null {
    const value = this.value(key);
    if (value === undefined) return fallback;
    return value === null ? null : this.number(key);
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.value(key) ?? fallback;
    if (typeof value === "boolean") return value;
    throw this.bad(key, value, "true or false");
  }

  /** A list of strings, or null where the key is missing or null. */
  strings(key: string): readonly string[] | null {
    const value = this.value(key) ?? null;
    if (value === null) return null;
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) return value;
    throw this.bad(key, value, "a list of strings");
  }

  /** An object whose keys are read like those of config.json; empty where the key is missing or null. */
  object(key: string): Record<string, unknown> {
    const value = this.value(key) ?? {};
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    throw this.bad(key, value, "an object");
  }

  activation(key: string, fallback?: string): Activation {
    const value = this.value(key) ?? fallback;
    const name = SAME_ACTIVATION[String(value)] ?? value;
    if (ACTIVATIONS.includes(name as Activation)) return name as Activation;
    const allowed = [...ACTIVATIONS, ...Object.keys(SAME_ACTIVATION)].join(", ");
    throw new EngineError(
      "UNSUPPORTED_MODEL",
      `activation in config.json: ${key} = ${show(value)} (allowed: ${allowed})`,
    );
  }

  /** Number of key-value heads of `heads` query heads. */
  keyValueHeads(key: string, headsKey: string, heads: number): number {
    const kvHeads = this.integer(key, heads);
    if (heads % kvHeads === 0) return kvHeads;
    throw new EngineError(
      "BAD_CONFIG",
      `${headsKey} in config.json: ${heads} (must be a multiple of ${key} = ${kvHeads})`,
    );
  }

  /** Width of each of `heads` heads that share a width. */
  sharedWidth(key: string, width: number, headsKey: string, heads: number): number {
    if (width % heads === 0) return width / heads;
    throw new EngineError(
      "BAD_CONFIG",
      `${key} in config.json: ${width} (must be a multiple of ${headsKey} = ${heads})`,
    );
  }

  /** Refuses a key that changes the computation in a way the graphs do not know. */
  require(key: string, allowed: readonly unknown[]): void {
    const value = this.value(key);
    if (value !== undefined && value !== null) this.requireValue(key, value, allowed);
  }

  /** The same for one value of a key that holds several. */
  requireValue(key: string, value: unknown, allowed: readonly unknown[]): void {
    if (allowed.includes(value)) return;
    const list = allowed.map(show).join(", ");
    throw new EngineError(
      "UNSUPPORTED_MODEL",
      `setting in config.json: ${key} = ${show(value)} (supported: ${list})`,
    );
  }

  has(key: string): boolean {
    return (this.value(key) ?? null) !== null;
  }

  /** Keys that are of no matter to this architecture's computation. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.read.add(key);
  }

  /** Refuses keys that nobody has read: they may change the computation. Those that are switched off or empty cannot. */
  finish(): void {
    for (const [key, value] of Object.entries(this.config)) {
      if (this.read.has(key) || isOff(value) || isHarmless(key)) continue;
      throw new EngineError(
        "UNSUPPORTED_MODEL",
        `setting in config.json: ${key} = ${show(value)} (this key is not understood and may change what the model computes; if it does not, take it out of config.json)`,
      );
    }
  }

  private value(key: string): unknown {
    this.read.add(key);
    return this.config[key];
  }

  private bad(key: string, value: unknown, expected: string): EngineError {
    return new EngineError(
      "BAD_CONFIG",
      `value in config.json: ${key} = ${show(value)} (expected ${expected})`,
    );
  }
}

const isOff = (value: unknown): boolean =>
  value === null || value === false || (typeof value === "object" && Object.keys(value).length === 0);

/** Other names of the same functions. */
const SAME_ACTIVATION: Record<string, Activation> = {
  gelu_accurate: "gelu_new",
  gelu_fast: "gelu_new",
  gelu_python: "gelu",
  gelu_python_tanh: "gelu_new",
  gelu_pytorch_tanh: "gelu_new",
  swish: "silu",
};

export const show = (value: unknown): string => (value === undefined ? "missing" : JSON.stringify(value));
