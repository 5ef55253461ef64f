import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { f16BitsOf } from "../../../packages/engine/src/checkpoints/read-tensor.ts";
import { writeSafetensors } from "../../../packages/engine/src/checkpoints/safetensors-writer.ts";
import { normalFrom, seededRandom } from "../../../packages/engine/src/math/random.ts";
import { configOf, type LargeShape, type RandomTensor, tensorsOf } from "./shapes.ts";

/** Numbers drawn for each kind of tensor; a part of a large one begins anywhere among them. Odd, so that rows are not alike. */
const POOL = 2 ** 20 + 7;

/**
 * Writes a model of the shape in Hugging Face format, f16, a megabyte at a time. Its tokenizer is that of a bundled model, so that its tokens are the first of
 * the vocabulary.
 * @param like folder of the bundled model of the same family
 */
export async function writeLargeModel(folder: string, shape: LargeShape, like: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const file of ["tokenizer.json", "tokenizer_config.json"])
    await copyFile(path.join(like, file), path.join(folder, file));
  const config = JSON.parse(await readFile(path.join(like, "config.json"), "utf8"));
  await writeFile(
    path.join(folder, "config.json"),
    `${JSON.stringify({ ...config, ...configOf(shape), dtype: "float16" }, null, 2)}\n`,
  );
  const random = seededRandom("large model");
  const normal = normalFrom(random);
  const pools = new Map<string, Uint16Array>();
  const poolOf = ({ mean, deviation }: RandomTensor): Uint16Array => {
    const key = `${mean} ${deviation}`;
    const pool =
      pools.get(key) ?? f16BitsOf(Float32Array.from({ length: POOL }, () => mean + deviation * normal()));
    pools.set(key, pool);
    return pool;
  };
  await writeSafetensors(
    path.join(folder, "model.safetensors"),
    tensorsOf(shape).map((tensor) => ({
      name: tensor.name,
      shape: tensor.shape,
      dtype: "F16" as const,
      async *data() {
        const pool = poolOf(tensor);
        let left = tensor.shape.reduce((a, b) => a * b, 1);
        while (left > 0) {
          const from = Math.floor(random() * POOL);
          const part = pool.subarray(from, from + left);
          left -= part.length;
          yield part;
        }
      },
    })),
    { format: "pt" },
  );
}
