import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";

const known = new Map<string, string>();

/** sha-256 over the names and contents of files, hexadecimal. Files that did not change are not read again by this process. */
export async function weightHash(files: readonly string[]): Promise<string> {
  const total = createHash("sha256");
  for (const file of files) {
    const { size, mtimeMs } = await stat(file);
    const key = `${file} ${size} ${mtimeMs}`;
    let digest = known.get(key);
    if (!digest) {
      const hash = createHash("sha256");
      for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }))
        hash.update(chunk as Buffer);
      digest = hash.digest("hex");
      known.set(key, digest);
    }
    total.update(`${path.basename(file)} ${digest}\n`);
  }
  return total.digest("hex");
}
