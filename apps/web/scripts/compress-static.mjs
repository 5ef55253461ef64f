import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { brotliCompress, gzip } from "node:zlib";

const STATIC = new URL("../.next/static/", import.meta.url);
const TEXT = /\.(?:js|css|svg|json|txt)$/;
/** Smaller files fit one packet as they are. */
const LEAST_BYTES = 1024;

// The names of these files change with their content: compressed once as well as can be, and never again while they are served.
for (const name of await readdir(STATIC, { recursive: true })) {
  const file = new URL(name, STATIC);
  if (!TEXT.test(name) || (await stat(file)).size < LEAST_BYTES) continue;
  const bytes = await readFile(file);
  await Promise.all([
    promisify(brotliCompress)(bytes).then((small) => writeFile(new URL(`${name}.br`, STATIC), small)),
    promisify(gzip)(bytes, { level: 9 }).then((small) => writeFile(new URL(`${name}.gz`, STATIC), small)),
  ]);
}
