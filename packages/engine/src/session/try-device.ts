import type { Device } from "./device.ts";
import { productGraph } from "./device-context.ts";
import { message, OnnxSession } from "./onnx-session.ts";

// The program of `probeDevice`'s process. Exit code 0: the device, named by the first argument, multiplies right; else 1, and on stdout why it does not.

try {
  const session = await OnnxSession.create(productGraph(), ".", {
    threads: 1,
    device: process.argv[2] as Device,
  });
  const dims = [2, 2];
  const product = new Float32Array(4);
  const factor = { data: Float32Array.of(1, 2, 3, 4), dims };
  await session.run({ a: factor, b: factor }, { product: { data: product, dims } });
  if (String(product) !== "7,10,15,22") throw new Error(`it multiplies wrong: ${product} for 7,10,15,22`);
} catch (error) {
  process.stdout.write(message(error instanceof Error ? (error.cause ?? error) : error));
  process.exitCode = 1;
}
