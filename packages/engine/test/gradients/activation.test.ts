import { expect, it } from "vitest";
import { ACTIVATIONS } from "../../src/architectures/architecture.ts";
import { activationDerivative } from "../../src/graph/backward/activation.ts";
import { activation } from "../../src/graph/components/activation.ts";
import { GraphBuilder } from "../../src/graph/graph-builder.ts";
import { OnnxSession } from "../../src/session/onnx-session.ts";

it.each(ACTIVATIONS)(
  "differentiates %s as the forward graph computes it, the other gelu not",
  async (kind) => {
    const graph = new GraphBuilder("/");
    const x = graph.input("x", ["n"]);
    graph.output("value", activation(graph, kind, x), ["n"]);
    graph.output("slope", activationDerivative(graph, kind, x), ["n"]);
    const session = await OnnxSession.create(graph.bytes(), "/", { threads: 1 });
    const run = async (xs: Float32Array) => {
      const [value, slope] = [new Float32Array(xs.length), new Float32Array(xs.length)];
      const dims = [xs.length];
      await session.run(
        { x: { data: xs, dims } },
        { value: { data: value, dims }, slope: { data: slope, dims } },
      );
      return { value, slope };
    };
    // Steps of 1/64 and points in between, so that no point stands on ReLU's kink.
    const eps = 1 / 64;
    const xs = Float32Array.from({ length: 400 }, (_, i) => (i - 199.5) / 32);
    const [{ slope }, up, down] = [
      await run(xs),
      await run(xs.map((v) => v + eps)),
      await run(xs.map((v) => v - eps)),
    ];
    for (const [i, at] of xs.entries()) {
      if (kind === "relu" && Math.abs(at) <= eps) continue;
      const measured = (up.value[i]! - down.value[i]!) / (2 * eps);
      expect(Math.abs(slope[i]! - measured), `${kind} at ${at}`).toBeLessThan(8e-5);
    }
    await session.release();
  },
);
