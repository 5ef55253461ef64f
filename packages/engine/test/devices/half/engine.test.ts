import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { GraphBuilder } from "../../../src/graph/graph-builder.ts";
import { DEFAULT_SETTINGS } from "../../../src/results/receipt.ts";
import { relativeError } from "../../../src/runner/relative-error.ts";
import { graphTraits } from "../../../src/session/device.ts";
import { OnnxSession } from "../../../src/session/onnx-session.ts";
import { probeDevice } from "../../../src/session/probe-device.ts";
import { loadTask } from "../../../src/tasks/load-task.ts";
import { createEngineClient } from "../../../src/worker/index.ts";
import { compareReports } from "../compare-reports.ts";
import { SWIFTSHADER_DRIVER, whyNoSwiftShader } from "../swiftshader.ts";
import { LAVAPIPE_DRIVER, whyNoLavapipe } from "./lavapipe.ts";

const ROOT = fileURLToPath(new URL("../../../../../", import.meta.url));

describe.skipIf(whyNoLavapipe() !== null)("a product in float16 on WebGPU", () => {
  const [N, K, OUT] = [5, 96, 40];
  /** Magnitudes of rows: beyond the largest float16, below the smallest, and nothing at all. */
  const SIZES = [1, 3e6, 2e-11, 0, 7e-4];
  const x = Float32Array.from({ length: N * K }, (_, i) => SIZES[Math.floor(i / K)]! * Math.sin(i));
  const matrix = Float32Array.from({ length: K * OUT }, (_, i) => Math.cos(i * i));

  it("neither overflows nor vanishes, whatever the size of a row", async () => {
    const graph = new GraphBuilder(".", graphTraits("webgpu", "F16"));
    const half = graph.op("Cast", [graph.input("matrix", [K, OUT])], { to: 10 });
    graph.output("product", graph.product("Gemm", graph.input("x", ["n", K]), half), ["n", OUT]);
    const session = await OnnxSession.create(graph.bytes(), ".", { threads: 1, device: "webgpu" });
    const product = new Float32Array(N * OUT);
    await session.run(
      { x: { data: x, dims: [N, K] }, matrix: { data: matrix, dims: [K, OUT] } },
      { product: { data: product, dims: [N, OUT] } },
    );
    await session.release();
    for (const [row, size] of SIZES.entries()) {
      const expected = Float64Array.from({ length: OUT }, (_, j) => {
        let sum = 0;
        for (let k = 0; k < K; k++) sum += x[row * K + k]! * matrix[k * OUT + j]!;
        return sum;
      });
      const error = relativeError(product.subarray(row * OUT, (row + 1) * OUT), expected);
      expect(error, `row of size ${size}`).toBeLessThan(5e-3);
      // 11 bits, and no more.
      if (size > 0) expect(error, `row of size ${size}`).toBeGreaterThan(1e-5);
    }
  });
});

/** Ranks, lists of tokens by their logit, and the best of a few strengths: where two are nearly equal, rounding chooses. And what says that it is float16. */
const CHOICES =
  /\.(topTokens|top|bottom)\.\d|[rR]ank|^arrays\.[02]\b|\.bestAlpha$|^receipt\.(settings\.precision|computeDtype)$/;

describe.skipIf(whyNoLavapipe() !== null)("a run in float16", () => {
  const start = (device: "cpu" | "webgpu" | "auto") =>
    createEngineClient({ modelsFolder: path.join(ROOT, "models"), offline: true, threads: 1, device });
  const engines = { cpu: start("cpu"), webgpu: start("webgpu"), auto: start("auto") };
  afterAll(() => Promise.all(Object.values(engines).map((engine) => engine.close())));
  const model = "recall-gpt2-1m";
  const request = async (precision: "F32" | "F16") => {
    const whole = await loadTask(path.join(ROOT, "tasks", "country-capital.json"));
    const task = { ...whole, facts: whole.facts.slice(0, 12) };
    const settings = { ...DEFAULT_SETTINGS, analyses: [], leadIns: 1, bootstrapSamples: 100, precision };
    return { model, task, settings };
  };

  it("says so in its receipt, and gives the CPU's numbers but for rounding", async () => {
    const report = await engines.webgpu.run(await request("F16"));
    const expected = await engines.cpu.run(await request("F32"));
    expect(report.receipt).toMatchObject({ device: "webgpu", computeDtype: "float16" });
    expect(report.receipt.model.selfCheck).toMatchObject({ computeDtype: "float16", passed: true });
    expect(report.receipt.model.selfCheck.deviceError).toBeGreaterThan(1e-4);
    expect(expected.receipt.computeDtype).toBe("float32");
    const { largest, numbers, others } = compareReports(report, expected, CHOICES);
    expect(others).toEqual([expect.stringMatching(/^warnings\.0: direct logit attributions .* \(float16 /)]);
    expect(largest.error, largest.at).toBeLessThan(0.05);
    expect(largest.error).toBeGreaterThan(1e-3);
    expect(numbers).toBeGreaterThan(4_000);
  });

  it("is one opening of the model, and none of a run in float32", async () => {
    expect((await engines.webgpu.run(await request("F32"))).receipt.computeDtype).toBe("float32");
    expect((await engines.webgpu.inspect(model)).selfCheck.computeDtype).toBe("float32");
    expect((await engines.webgpu.inspect(model, {}, "F16")).selfCheck.computeDtype).toBe("float16");
  });

  it("is refused on the CPU, which would compute it in float32", async () => {
    await expect(engines.cpu.run(await request("F16"))).rejects.toMatchObject({
      code: "DEVICE_UNUSABLE",
      message: expect.stringContaining("device cpu: onnxruntime has no products in float16 for it"),
    });
  });

  it("is given by auto to what has float16, however slow", async () => {
    const { selfCheck } = await engines.auto.inspect(model, {}, "F16");
    expect(selfCheck).toMatchObject({ device: "webgpu", computeDtype: "float16" });
  });
});

describe.skipIf(whyNoLavapipe() !== null || whyNoSwiftShader() !== null)("trying float16", () => {
  afterEach(() => {
    process.env.VK_ICD_FILENAMES = LAVAPIPE_DRIVER;
  });

  it("finds nothing wrong with a device that has it", async () => {
    expect(await probeDevice("webgpu", "F16")).toBeNull();
  });

  it("names what an adapter lacks", async () => {
    process.env.VK_ICD_FILENAMES = SWIFTSHADER_DRIVER;
    expect(await probeDevice("webgpu", "F32")).toBeNull();
    expect(await probeDevice("webgpu", "F16")).toBe(
      "its adapter has no shader-f16, which products in float16 need",
    );
  });

  it("notices float32 in its place", async () => {
    expect(await probeDevice("cpu", "F16")).toBe("it computes float16 products in float32");
  });
});
