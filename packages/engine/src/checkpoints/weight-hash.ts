import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";

const known = new Map<string, string>();

/** sha-256 over the names and contents of files, hexadecimal. */
export async function weightHash(files: readonly string[]): Promise<string> {
  const total = createHash("sha256");
  for (const file of files) total.update(`${path.basename(file)} ${await fileHash(file)}\n`);
  return total.digest("hex");
}

/** sha-256 of a file's content, hexadecimal. A file that did not change is not read again by this process. */
export async function fileHash(file: string): Promise<string> {
  const { size, mtimeMs } = await stat(file);
  const key = `${file} ${size} ${mtimeMs}`;
  const before = known.get(key);
  if (before) return before;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  const digest = hash.digest("hex");
  known.set(key, digest);
  return digest;
}
