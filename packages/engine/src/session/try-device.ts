import type { Device, Precision } from "./device.ts";
import { productGraph } from "./device-context.ts";
import { message, OnnxSession } from "./onnx-session.ts";

// The program of `probeDevice`'s process. Exit code 0: the device and the precision, named by the arguments, multiply right; else 1, and on stdout why they do not.

/** [[1, 2], [3, 1/3]] by itself. What onnxruntime has no float16 operator for it computes in float32, without a word: the digits tell which it was. */
const SQUARE: Record<Precision, readonly number[]> = {
  F32: [7, 2.6666667, 4, 6.1111111],
  F16: [7, 2.666015625, 4, 6.109375],
};
/** Far below what float16 rounds away here, far above what float32 does. */
const TOLERANCE = 1e-5;

try {
  const [device, precision] = process.argv.slice(2) as [Device, Precision];
  const session = await OnnxSession.create(productGraph(precision), ".", { threads: 1, device });
  const dims = [2, 2];
  const product = new Float32Array(4);
  const factor = { data: Float32Array.of(1, 2, 3, 1 / 3), dims };
  await session.run({ a: factor, b: factor }, { product: { data: product, dims } });
  const is = (expected: readonly number[]) =>
    expected.every((value, i) => Math.abs(product[i]! - value) < TOLERANCE);
  if (precision === "F16" && is(SQUARE.F32)) throw new Error("it computes float16 products in float32");
  if (!is(SQUARE[precision]))
    throw new Error(`it multiplies wrong: ${product} for ${SQUARE[precision]} in ${precision.toLowerCase()}`);
} catch (error) {
  process.stdout.write(message(error instanceof Error ? (error.cause ?? error) : error));
  process.exitCode = 1;
}
