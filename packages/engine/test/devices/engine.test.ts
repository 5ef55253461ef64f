import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "../../src/results/receipt.ts";
import type { Device } from "../../src/session/device.ts";
import { probeDevice } from "../../src/session/probe-device.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import { createEngineClient } from "../../src/worker/index.ts";
import { compareReports } from "./compare-reports.ts";
import { SWIFTSHADER_DRIVER, whyNoSwiftShader } from "./swiftshader.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

describe.skipIf(whyNoSwiftShader() !== null)("the engine's thread on WebGPU", () => {
  const start = (device: Device) =>
    createEngineClient({ modelsFolder: path.join(ROOT, "models"), offline: true, threads: 1, device });
  const engine = start("webgpu");
  afterAll(() => engine.close());
  const model = "recall-gpt2-1m";
  const request = async () => {
    const whole = await loadTask(path.join(ROOT, "tasks", "country-capital.json"));
    const task = { ...whole, facts: whole.facts.slice(0, 12) };
    const settings = { ...DEFAULT_SETTINGS, analyses: [], leadIns: 1, bootstrapSamples: 100 };
    return { model, task, settings };
  };

  it("opens a model, compares it with the CPU, and says so", async () => {
    const steps = new Set<string>();
    const { selfCheck } = await engine.inspect(model, { onProgress: ({ message }) => steps.add(message) });
    expect(selfCheck).toMatchObject({ device: "webgpu", passed: true });
    expect(selfCheck.deviceError).toBeGreaterThan(0);
    expect(selfCheck.deviceError).toBeLessThan(1e-3);
    expect(steps).toContain("Compare webgpu with the CPU");
    expect((await engine.plan(await request())).source).toMatch(/, device webgpu$/);
  });

  it("ends while it computes, and nothing else with it", async () => {
    const other = start("webgpu");
    const call = new Promise((resolve, reject) => {
      const onProgress = ({ message }: { message: string }) => {
        if (message.startsWith("Compare")) other.close().then(resolve, reject);
      };
      other.inspect(model, { onProgress }).catch(() => {});
    });
    await call;
    expect((await engine.inspect(model)).selfCheck.passed).toBe(true);
  });

  it("computes beside another thread on the same device, and ends beside it", async () => {
    const engines = [start("webgpu"), start("webgpu")];
    const asked = await request();
    const found = await Promise.all(engines.map((each) => each.known(asked)));
    expect(found[1]).toEqual(found[0]);
    await Promise.all(engines.map((each) => each.close()));
    expect((await engine.inspect(model)).selfCheck.passed).toBe(true);
  });

  it("gives every number of a run as the CPU does, and names the device in the receipt", async () => {
    const cpu = start("cpu");
    const [expected, report] = [await cpu.run(await request()), await engine.run(await request())];
    await cpu.close();
    expect([expected.receipt.device, report.receipt.device]).toEqual(["cpu", "webgpu"]);
    expect(report.task.sufficient).toBe(true);
    const { largest, numbers, others } = compareReports(report, expected);
    expect(others).toEqual([]);
    expect(largest.error, largest.at).toBeLessThan(1e-3);
    // It is another computation, not the CPU's once more.
    expect(largest.error).toBeGreaterThan(0);
    expect(numbers).toBeGreaterThan(5_000);
  });
});

describe.skipIf(whyNoSwiftShader() !== null)("trying a device", () => {
  afterEach(() => {
    process.env.VK_ICD_FILENAMES = SWIFTSHADER_DRIVER;
  });

  it("finds nothing wrong with one that computes", async () => {
    expect(await probeDevice("webgpu")).toBeNull();
  });

  it("says why one does not, in its own words", async () => {
    process.env.VK_ICD_FILENAMES = "/no-such-driver.json";
    expect(await probeDevice("webgpu")).toBe(
      "Failed to get a WebGPU adapter: No supported adapters (it found no GPU with a driver: docs/devices.md)",
    );
  });
});
