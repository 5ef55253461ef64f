import { EngineError } from "../../errors.ts";
import type { GgufFile, GgufTensor } from "./read-gguf.ts";

/** Keys of an architecture that say nothing of what it computes. */
const HARMLESS = ["tensor_data_layout", "rope.scaling.finetuned", "rope.scaling.original_context_length"];

/** Reads the keys `<architecture>.*` of a GGUF file with their types checked, and knows which ones nobody has read. */
export class GgufMetadata {
  readonly architecture: string;
  private readonly tensors: ReadonlyMap<string, GgufTensor>;
  private readonly used = new Set<string>();

  /** @param ropeFactors what rotary frequencies are divided by, `[d_head / 2]`, where the file says */
  constructor(
    private readonly gguf: Pick<GgufFile, "file" | "metadata" | "tensors">,
    readonly ropeFactors: Float32Array | null,
  ) {
    this.architecture = String(gguf.metadata.get("general.architecture"));
    this.tensors = new Map(gguf.tensors.map((tensor) => [tensor.name, tensor]));
  }

  integer(key: string, fallback?: number): number {
    const value = this.value(key) ?? fallback;
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
    throw this.bad(key, value, "a positive integer");
  }

  /** A float32 is given as the shortest decimal that means it, as config.json had it. */
  number(key: string, fallback?: number): number {
    const value = this.value(key) ?? fallback;
    if (typeof value === "number" && Number.isFinite(value) && value > 0) return shortest(value);
    throw this.bad(key, value, "a positive number");
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.value(key) ?? fallback;
    if (typeof value === "boolean") return value;
    throw this.bad(key, value, "true or false");
  }

  integerOrNull(key: string): number | null {
    return this.value(key) === undefined ? null : this.integer(key);
  }

  /** The text of a key; null where there is none. */
  text(key: string): string | null {
    const value = this.value(key);
    if (value === undefined || typeof value === "string") return value ?? null;
    throw this.bad(key, value, "a text");
  }

  /** Refuses a key whose value would change the computation. */
  require(key: string, allowed: readonly unknown[]): void {
    const value = this.value(key);
    if (value === undefined || allowed.includes(value)) return;
    const list = allowed.map(show).join(", ");
    throw this.unsupported(`${this.architecture}.${key} = ${show(value)} (supported: ${list})`);
  }

  unsupported(what: string): EngineError {
    return new EngineError("UNSUPPORTED_MODEL", `gguf file ${this.gguf.file}: ${what}`);
  }

  has(tensor: string): boolean {
    return this.tensors.has(tensor);
  }

  /** Rows of the token embedding. */
  vocabulary(): number {
    this.value("vocab_size");
    const rows = this.tensors.get("token_embd.weight")?.shape[0];
    if (rows !== undefined) return rows;
    throw new EngineError("BAD_WEIGHTS", `gguf file ${this.gguf.file}: tensor token_embd.weight is missing`);
  }

  /** Refuses keys of the architecture that nobody has read: they may change the computation. */
  finish(): void {
    const prefix = `${this.architecture}.`;
    for (const [key, value] of this.gguf.metadata) {
      const own = key.slice(prefix.length);
      if (!key.startsWith(prefix) || this.used.has(own) || HARMLESS.includes(own)) continue;
      throw this.unsupported(
        `${key} = ${show(value)} (this key is not understood and may change what the model computes)`,
      );
    }
  }

  private value(key: string): unknown {
    this.used.add(key);
    const value = this.gguf.metadata.get(`${this.architecture}.${key}`);
    return typeof value === "bigint" ? Number(value) : value;
  }

  private bad(key: string, value: unknown, expected: string): EngineError {
    return new EngineError(
      "BAD_CONFIG",
      `gguf file ${this.gguf.file}: ${this.architecture}.${key} = ${show(value)} (expected ${expected})`,
    );
  }
}

function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

const show = (value: unknown): string =>
  value === undefined
    ? "missing"
    : JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? Number(inner) : inner)).slice(0, 200);
