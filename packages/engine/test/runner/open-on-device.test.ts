import { afterEach, describe, expect, it, vi } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/open-checkpoint.ts";
import { checkDevice, type DeviceOptions, openOnDevice } from "../../src/runner/open-on-device.ts";
import type { Device, DeviceChoice } from "../../src/session/device.ts";
import { ModelSession } from "../../src/session/model-session.ts";
import { oracleFolder } from "../oracles/oracle.ts";

// Devices that this machine need not have: each is the CPU under another name, or the CPU with something wrong.

const checkpoint = await openCheckpoint(oracleFolder("llama"), "llama");
const closed: Device[] = [];

type Fault = (session: ModelSession) => void;

const asDevice = (faults: Partial<Record<Device, Fault>>) => (device: Device) => {
  const session = ModelSession.open(checkpoint, { threads: 1 });
  Object.defineProperty(session, "device", { value: device });
  const close = session.close.bind(session);
  session.close = async () => {
    closed.push(device);
    await close();
  };
  faults[device]?.(session);
  return session;
};

/** Gradients of all queries and keys, as if a scale were computed wrong. */
const scaledGradients =
  (by: number): Fault =>
  (session) => {
    const run = session.runGraph.bind(session);
    session.runGraph = async (key, layer, build, inputs, outputs) => {
      await run(key, layer, build, inputs, outputs);
      const { d_resid_pre } = outputs;
      if (d_resid_pre)
        for (let i = 0; i < d_resid_pre.data.length; i++) (d_resid_pre.data as Float32Array)[i]! *= by;
    };
  };
const wrongGradients = scaledGradients(1.01);
const failing: Fault = (session) => {
  session.runBlock = async () => {
    throw new Error("the driver is gone");
  };
};

const NONE = "not on this machine";
const open = (
  choice: DeviceChoice,
  faults: Partial<Record<Device, Fault>> = {},
  options: Partial<DeviceOptions> = {},
) =>
  openOnDevice(asDevice(faults), choice, {
    name: "llama",
    problemOf: async (device) => (device === "webgpu" || device === "cuda" ? null : NONE),
    ...options,
  });
const seconds = (of: Partial<Record<Device, number>>) => async (session: ModelSession) => of[session.device]!;

afterEach(() => {
  closed.length = 0;
});

describe("a device that was named", () => {
  it("is refused with the reason and the way out, before anything is opened", async () => {
    await expect(checkDevice("dml", "F32", async () => NONE)).rejects.toMatchObject({
      code: "DEVICE_UNUSABLE",
      message: expect.stringMatching(/^device dml: not on this machine \(--device cpu computes everywhere, /),
    });
    const never = vi.fn();
    await checkDevice("cpu", "F32", never);
    await checkDevice("auto", "F32", never);
    expect(never).not.toHaveBeenCalled();
  });

  it("computes when it agrees with the CPU, which is closed by then", async () => {
    const steps: string[] = [];
    const { session, check } = await open("webgpu", {}, { onStep: (step) => steps.push(step) });
    expect(session.device).toBe("webgpu");
    expect(check).toMatchObject({ device: "webgpu", passed: true, deviceError: 0 });
    expect(check).not.toHaveProperty("deviceReason");
    expect(closed).toEqual(["cpu"]);
    expect(steps).toEqual(["Compute a trial of llama on the CPU", "Compare webgpu with the CPU"]);
    await session.close();
  });

  it("is refused when only its gradients differ, and nothing is taken in its place", async () => {
    await expect(open("webgpu", { webgpu: wrongGradients })).rejects.toMatchObject({
      code: "DEVICE_UNUSABLE",
      message: expect.stringMatching(
        /^device webgpu: it computes llama otherwise than the CPU: gradient at blocks\.\d\.hook_resid_pre is off by [\d.]+e-\d of its largest value/,
      ),
    });
    expect(closed).toEqual(["cpu", "webgpu"]);
  });

  it("is refused when it fails", async () => {
    await expect(open("cuda", { cuda: failing })).rejects.toMatchObject({
      code: "DEVICE_UNUSABLE",
      message: expect.stringContaining("device cuda: a trial failed: the driver is gone"),
    });
    expect(closed).toEqual(["cpu", "cuda"]);
  });

  it("says that the model is wrong where the CPU does not compute it either", async () => {
    const wrongSum: Fault = (session) => {
      const run = session.runBlock.bind(session);
      session.runBlock = async (part, layer, inputs, outputs) => {
        await run(part, layer, inputs, outputs);
        if (part === "mlp") (outputs.mlp_out!.data as Float32Array).fill(1);
      };
    };
    await expect(open("webgpu", { cpu: wrongSum })).rejects.toMatchObject({ code: "SELF_CHECK_FAILED" });
  });
});

describe("auto", () => {
  it("takes the CPU where nothing else can be used, and says why", async () => {
    const { session, check } = await open("auto", {}, { problemOf: async () => NONE });
    expect(session.device).toBe("cpu");
    expect(check.deviceReason).toBe(
      "auto: cpu, as no other device can be used; cuda left out: not on this machine; webgpu left out: not on this machine; dml left out: not on this machine; coreml left out: not on this machine",
    );
    await session.close();
  });

  it("takes the fastest that agrees", async () => {
    const secondsOf = seconds({ cpu: 1, cuda: 0.5, webgpu: 0.1 });
    const { session, check } = await open("auto", {}, { secondsOf });
    expect(session.device).toBe("webgpu");
    expect(check.deviceError).toBe(0);
    expect(check.deviceReason).toMatch(
      /^auto: webgpu, the fastest of those that agree with the CPU; dml left out: .*; cuda is 2 times as fast as the CPU; webgpu is 10 times as fast as the CPU$/,
    );
    expect(closed).toEqual(["cpu", "cuda", "webgpu"]);
    await session.close();
  });

  it("leaves out what is fast and wrong, or fails", async () => {
    const secondsOf = seconds({ cpu: 1, cuda: 0.5, webgpu: 0.1 });
    const faults = { webgpu: wrongGradients, cuda: failing };
    const { session, check } = await open("auto", faults, { secondsOf });
    expect(session.device).toBe("cpu");
    expect(check.deviceReason).toMatch(/cuda left out: a trial failed: the driver is gone/);
    expect(check.deviceReason).toMatch(/webgpu left out: it computes llama otherwise than the CPU/);
    await session.close();
  });

  it("keeps to the CPU where it is the fastest: a driver may compute on the processor itself", async () => {
    const secondsOf = seconds({ cpu: 1, cuda: 30, webgpu: 20 });
    const { session, check } = await open("auto", {}, { secondsOf });
    expect(session.device).toBe("cpu");
    expect(check.deviceReason).toMatch(/^auto: cpu, the fastest .*webgpu is 20 times as slow as the CPU$/);
    await session.close();
  });
});

describe("float16", () => {
  const half = { precision: "F16" } as const;

  it("is refused on the CPU, which onnxruntime would have compute in float32", async () => {
    await expect(checkDevice("cpu", "F16")).rejects.toMatchObject({
      code: "DEVICE_UNUSABLE",
      message: expect.stringMatching(
        /^device cpu: .* in float32; a GPU may have them, .* \(--precision f32 is computed on every device\)$/,
      ),
    });
  });

  it("is asked of a device that was named, and what that lacks is said", async () => {
    const asked = vi.fn(async () => "no shader-f16");
    await expect(checkDevice("webgpu", "F16", asked)).rejects.toThrow("device webgpu: no shader-f16");
    expect(asked).toHaveBeenCalledWith("webgpu", "F16");
  });

  it("allows what it rounds away, and no more", async () => {
    const { session, check } = await open("webgpu", { webgpu: wrongGradients }, half);
    expect(check.deviceError).toBeGreaterThan(1e-3);
    await session.close();
    await expect(open("webgpu", { webgpu: scaledGradients(1.2) }, half)).rejects.toThrow(
      /gradient at .* is off by [\d.e-]+ of its largest value \(below 0\.1 is allowed\)/,
    );
  });

  it("is never left to the CPU by auto, however slow the device", async () => {
    const secondsOf = seconds({ cpu: 1, cuda: 30, webgpu: 20 });
    const { session } = await open("auto", {}, { ...half, secondsOf });
    expect(session.device).toBe("webgpu");
    await session.close();
  });

  it("is refused by auto where nothing has it, or nothing computes it right", async () => {
    await expect(open("auto", {}, { ...half, problemOf: async () => NONE })).rejects.toThrow(
      /^device auto: no device computes products in float16 here; cuda left out: not on this machine/,
    );
    await expect(open("auto", { webgpu: failing, cuda: failing }, half)).rejects.toMatchObject({
      code: "DEVICE_UNUSABLE",
      message: expect.stringMatching(/^device auto: no device agrees .* in float16; .*the driver is gone/),
    });
  });
});
