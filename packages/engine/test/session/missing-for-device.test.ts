import path from "node:path";
import { describe, expect, it } from "vitest";
import { missingForDevice, type Surroundings } from "../../src/session/missing-for-device.ts";

const LINUX: Surroundings = {
  platform: "linux-x64",
  offered: ["cpu", "webgpu", "cuda", "tensorrt"],
  folder: "/onnxruntime",
  exists: () => false,
};

describe("what a device lacks", () => {
  it("is nothing for the CPU, and for what is built in", () => {
    expect(missingForDevice("cpu", { ...LINUX, offered: [] })).toBeNull();
    expect(missingForDevice("webgpu", LINUX)).toBeNull();
  });

  it("is the build, where onnxruntime-node has none for the system", () => {
    expect(missingForDevice("coreml", LINUX)).toMatch(
      /has no coreml on linux-x64 \(it has on macOS; here: auto, cpu, webgpu, cuda\)/,
    );
    const mac = { ...LINUX, platform: "darwin-arm64", offered: ["cpu", "webgpu", "coreml"] };
    expect(missingForDevice("coreml", mac)).toBeNull();
    expect(missingForDevice("cuda", mac)).toMatch(/has no cuda on darwin-arm64 \(it has on Linux on x64/);
    expect(missingForDevice("dml", { ...mac, platform: "win32-x64", offered: ["cpu", "dml"] })).toBeNull();
  });

  it("is each library of CUDA that npm does not ship, with the command that fetches it", () => {
    expect(missingForDevice("cuda", LINUX)).toMatch(
      /^libonnxruntime_providers_shared\.so and libonnxruntime_providers_cuda\.so not found in \/onnxruntime .*install\.js --onnxruntime-node-install=cuda12/,
    );
    const shared = path.join("/onnxruntime", "libonnxruntime_providers_shared.so");
    expect(missingForDevice("cuda", { ...LINUX, exists: (file) => file === shared })).toMatch(
      /^libonnxruntime_providers_cuda\.so not found/,
    );
    expect(missingForDevice("cuda", { ...LINUX, exists: () => true })).toBeNull();
  });
});
