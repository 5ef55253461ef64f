import { normalFrom, seededRandom } from "../../../packages/engine/src/math/random.ts";
import type { Workload } from "./workload.ts";

/** One large square product through onnxruntime: what the machine can do at most. */
export const matmul: Workload<"matmul"> = async ({ size }, session) => {
  const normal = normalFrom(seededRandom("matmul"));
  const square = () => Float32Array.from({ length: size * size }, normal);
  const dims = [size, size];
  const [a, b, product] = [square(), square(), new Float32Array(size * size)];
  const run = async () => {
    await session.runModel(
      "matmul",
      { a: { data: a, dims }, b: { data: b, dims } },
      { product: { data: product, dims } },
    );
    return {};
  };
  return { run, warmUp: run };
};
