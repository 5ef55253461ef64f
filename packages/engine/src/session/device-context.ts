import { FLOAT, FLOAT16, GraphBuilder, type Value } from "../graph/graph-builder.ts";
import { DEFAULT_PRECISION, type Device, type Precision } from "./device.ts";
import { OnnxSession } from "./onnx-session.ts";

const kept = new Map<Device, Promise<OnnxSession>>();

/**
 * Keeps a device's context until the process ends. It goes with the last session on it otherwise, and with it every program that was compiled for it, so that each
 * model that is opened would compile them again: seconds with most drivers.
 */
export async function keepContext(device: Device): Promise<void> {
  if (device === "cpu") return;
  let session = kept.get(device);
  if (!session) {
    session = OnnxSession.create(productGraph(), ".", { threads: 1, device });
    kept.set(device, session);
    session.catch(() => kept.delete(device));
  }
  await session;
}

/** `a` `[m, k]` times `b` `[k, n]`: the least that shows that a device computes. */
export function productGraph(precision: Precision = DEFAULT_PRECISION): Uint8Array {
  const graph = new GraphBuilder(".");
  const [a, b] = [graph.input("a", ["m", "k"]), graph.input("b", ["k", "n"])];
  const to = (type: number) => (value: Value) =>
    precision === "F16" ? graph.op("Cast", [value], { to: type }) : value;
  const product = graph.op("MatMul", [a, b].map(to(FLOAT16)));
  graph.output("product", to(FLOAT)(product), ["m", "n"]);
  return graph.bytes();
}
