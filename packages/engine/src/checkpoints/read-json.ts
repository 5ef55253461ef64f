import { readFile } from "node:fs/promises";
import { EngineError, type ErrorCode } from "../errors.ts";

/** Reads a JSON object; a file that is not there or cannot be read is refused with `missing`, broken JSON with BAD_CONFIG. */
export async function readJsonObject(file: string, missing: ErrorCode): Promise<Record<string, unknown>> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const what = error.code === "ENOENT" ? "is missing" : `cannot be read (${error.code})`;
    throw new EngineError(missing, `model file: ${file} ${what}`);
  });
  try {
    const value: unknown = JSON.parse(text);
    if (value && typeof value === "object" && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {}
  throw new EngineError("BAD_CONFIG", `model file: ${file} is not a JSON object`);
}
