import { access, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { badInput } from "./failure.ts";

/** Reads a JSON file of a given form. @throws EngineError BAD_INPUT naming the file and the place in it */
export async function readJson<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const text = await readFile(file, "utf8").catch((error) => {
    throw badInput(`input file ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, error);
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badInput(`input file ${file} is not JSON (${(error as Error).message})`, error);
  }
  const result = schema.safeParse(value);
  if (!result.success) throw badInput(`input file ${file}: ${describe(result.error.issues)}`);
  return result.data;
}

/** Issues that are named; the rest is counted. */
const SHOWN_ISSUES = 3;

/** `clean[0]: 7 (a text or token ids expected)`: the schemas say what they expect, the place comes from here. */
function describe(issues: readonly z.core.$ZodIssue[]): string {
  const shown = issues.slice(0, SHOWN_ISSUES).map(({ path: keys, message }) => {
    const place = keys.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
    return place === "" ? message : `${place.replace(/^\./, "")}: ${message}`;
  });
  const more = issues.length - shown.length;
  return `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

/** The message of a schema: what was found and what was expected. */
export const expected =
  (what: string) =>
  ({ input }: { input?: unknown }): string =>
    input === undefined ? `missing (${what} expected)` : `${brief(input)} (${what} expected)`;

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Refuses an output path that could not be written, before any work is done for it. @returns the absolute path */
export async function checkOutput(file: string): Promise<string> {
  const target = path.resolve(file);
  const folder = path.dirname(target);
  await access(folder).catch(() => {
    throw badInput(`output file ${file}: folder ${folder} does not exist (make it first)`);
  });
  if ((await stat(target).catch(() => null))?.isDirectory())
    throw badInput(`output file ${file} is a folder (name a file in it)`);
  return target;
}

/** Writes plain JSON, whole or not at all: typed arrays become arrays, numbers that were not observed become null. */
export const writeJson = (file: string, value: unknown): Promise<void> =>
  writeText(file, `${JSON.stringify(value, plain, 1)}\n`);

/** Writes a text, whole or not at all. */
export const writeText = (file: string, text: string): Promise<void> => writeChunks(file, [text]);

/** Writes pieces one after the other, whole or not at all. */
export async function writeChunks(
  file: string,
  chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await writeFile(part, chunks);
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

const plain = (_key: string, value: unknown): unknown =>
  ArrayBuffer.isView(value) ? [...(value as Float32Array)] : value;
