import { mkdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/open-checkpoint.ts";
import { resolveModel } from "../../src/checkpoints/resolve-model.ts";
import { f32, safetensorsBytes, temporaryFolder, write } from "./files.ts";

const CONFIG = { model_type: "gpt2" };
const INDEX = "model.safetensors.index.json";

function modelFolder(files: Record<string, string | Uint8Array | object>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) write(folder, name, content);
  return folder;
}

const sharded = (map: Record<string, unknown>) =>
  modelFolder({
    "config.json": CONFIG,
    [INDEX]: { metadata: {}, weight_map: map },
    "model-1.safetensors": safetensorsBytes({
      a: f32(1),
      mask: { dtype: "U8", shape: [1], bytes: Uint8Array.of(1) },
    }),
    "model-2.safetensors": safetensorsBytes({ b: f32(2) }),
  });

describe("openCheckpoint", () => {
  it("opens a single file, also where an index lies beside it", async () => {
    const folder = modelFolder({
      "config.json": CONFIG,
      "model.safetensors": safetensorsBytes({ a: f32(1) }),
      [INDEX]: { weight_map: { b: "model-2.safetensors" } },
    });
    const checkpoint = await openCheckpoint(folder, "mine");
    expect(checkpoint).toMatchObject({ name: "mine", source: folder, config: CONFIG });
    expect([...checkpoint.tensors.keys()]).toEqual(["a"]);
  });

  it("joins shards, and knows the buffers it leaves out", async () => {
    const folder = sharded({
      a: "model-1.safetensors",
      mask: "model-1.safetensors",
      b: "model-2.safetensors",
    });
    const { tensors } = await openCheckpoint(folder, "mine");
    expect([...tensors.keys()].sort()).toEqual(["a", "b"]);
    expect(path.basename(tensors.get("b")!.file)).toBe("model-2.safetensors");
  });

  it.each([
    [
      "a tensor that is not in its shard",
      { a: "model-2.safetensors" },
      "tensor a: listed in model.safetensors.index.json but not in",
    ],
    [
      "a shard that is missing",
      { a: "model-1.safetensors", c: "model-3.safetensors" },
      "model-3.safetensors is missing",
    ],
    [
      "a shard outside the folder",
      { a: "../model-1.safetensors" },
      'tensor a is said to be in "../model-1.safetensors"',
    ],
    ["a shard that is no name", { a: 1 }, "tensor a is said to be in 1"],
  ])("refuses %s", async (_, map, message) => {
    await expect(openCheckpoint(sharded(map), "mine")).rejects.toMatchObject({
      code: "BAD_WEIGHTS",
      message: expect.stringContaining(message),
    });
  });

  it.each([
    ["no config.json", {}, "MODEL_NOT_FOUND", "config.json is missing"],
    ["a broken config.json", { "config.json": "{" }, "BAD_CONFIG", "config.json is not a JSON object"],
    [
      "no weights",
      { "config.json": CONFIG },
      "BAD_WEIGHTS",
      "expected model.safetensors, or model.safetensors.index.json",
    ],
    [
      "pytorch weights only",
      { "config.json": CONFIG, "pytorch_model.bin": "x" },
      "BAD_WEIGHTS",
      "save them as safetensors first",
    ],
    [
      "an index without a map",
      { "config.json": CONFIG, [INDEX]: {} },
      "BAD_WEIGHTS",
      "weight_map is missing",
    ],
  ])("refuses a folder with %s", async (_, files, code, message) => {
    await expect(openCheckpoint(modelFolder(files), "mine")).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  it("refuses a folder that is not there", async () => {
    await expect(openCheckpoint("/no/such/folder", "mine")).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
    });
  });

  it("hashes config and weights, and nothing else", async () => {
    const files = { "config.json": CONFIG, "model.safetensors": safetensorsBytes({ a: f32(1) }) };
    const hash = async (more: Record<string, string | Uint8Array | object>) =>
      (await openCheckpoint(modelFolder({ ...files, ...more }), "mine")).weightHash;
    const own = await hash({});
    expect(own).toMatch(/^[0-9a-f]{64}$/);
    expect(await hash({ "README.md": "x" })).toBe(own);
    expect(await hash({ "config.json": { model_type: "opt" } })).not.toBe(own);
    expect(await hash({ "model.safetensors": safetensorsBytes({ a: f32(2) }) })).not.toBe(own);
  });

  it("sees that a file was replaced by one of the same size", async () => {
    const folder = modelFolder({
      "config.json": CONFIG,
      "model.safetensors": safetensorsBytes({ a: f32(1) }),
    });
    const before = (await openCheckpoint(folder, "mine")).weightHash;
    await new Promise((resolve) => setTimeout(resolve, 20));
    write(folder, "model.safetensors", safetensorsBytes({ a: f32(2) }));
    expect((await openCheckpoint(folder, "mine")).weightHash).not.toBe(before);
  });
});

describe("resolveModel", () => {
  const modelsFolder = temporaryFolder();
  mkdirSync(path.join(modelsFolder, "small"));
  mkdirSync(path.join(modelsFolder, "not-a-model"));
  write(modelsFolder, "small/config.json", "{}");
  const places = { modelsFolder, cacheFolder: path.join(modelsFolder, "cache"), offline: true };

  it("takes a folder or the name of a bundled model", async () => {
    expect(await resolveModel(modelsFolder, places)).toBe(modelsFolder);
    expect(await resolveModel("small", places)).toBe(path.join(modelsFolder, "small"));
  });

  it.each([
    "",
    " ",
    "nope",
    "not-a-model",
    "./no-such-folder",
    "../no-such-folder",
    "/no/such/folder",
    "a/..",
    "a/b@../../x",
    "a/b@x/../../y",
    "a/b/c",
  ])("refuses %j and says what is allowed", async (name) => {
    await expect(resolveModel(name, places)).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringMatching(/give a folder, a GGUF file, a bundled model \(small\), or a hub id/),
    });
  });

  it("asks no network when offline", async () => {
    await expect(resolveModel("owner/name", places)).rejects.toMatchObject({
      code: "DOWNLOAD_FAILED",
      message: expect.stringContaining("model owner/name@main: not in the cache"),
    });
  });
});
