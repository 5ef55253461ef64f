import { existsSync, readFileSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { snapshotOf } from "../../src/checkpoints/hub-cache.ts";
import { openCheckpoint } from "../../src/checkpoints/open-checkpoint.ts";
import { COMMIT, gitHash, PULL_COMMIT, refuse, sha256 } from "./fake-hub.ts";
import { cacheFolder, FILES, get, hub, storage, text, useHub, WEIGHTS } from "./hub-support.ts";

useHub();
const INDEX = text({ weight_map: { a: "model-1-of-1.safetensors" } });

describe("a model of the hub", () => {
  it("comes into the cache layout of the Python tools, and then needs no network", async () => {
    Object.assign(hub.files, {
      "README.md": text({}),
      "consolidated.safetensors": WEIGHTS,
      "pytorch_model.bin": WEIGHTS,
    });
    const progress: [string, number, number][] = [];
    const onDownload = (...p: [string, number, number]) => progress.push(p);
    const folder = await get({ onDownload });
    expect(folder).toBe(path.join(storage, "snapshots", COMMIT));
    expect(snapshotOf(folder)).toEqual({ id: "owner/name", commit: COMMIT });
    expect(readFileSync(path.join(storage, "refs", "main"), "utf8")).toBe(COMMIT);
    expect(readlinkSync(path.join(folder, "model.safetensors"))).toBe(`../../blobs/${sha256(WEIGHTS)}`);
    expect(readlinkSync(path.join(folder, "config.json"))).toBe(
      `../../blobs/${gitHash(FILES["config.json"])}`,
    );
    expect(existsSync(path.join(folder, "consolidated.safetensors"))).toBe(false);
    expect(progress.at(-1)).toEqual(["model.safetensors", WEIGHTS.length, WEIGHTS.length]);
    expect((await openCheckpoint(folder, "owner/name")).tensors.get("a")!.shape).toEqual([50_000]);

    hub.seen = [];
    expect(await get()).toBe(folder);
    expect(await get({ offline: true })).toBe(folder);
    expect(await get({ offline: true }, `owner/name@${COMMIT}`)).toBe(folder);
    expect(hub.seen).toEqual([]);
  });

  it("comes with the shards of its index", async () => {
    const { "model.safetensors": weights, ...rest } = FILES;
    hub.files = { ...rest, "model.safetensors.index.json": INDEX, "model-1-of-1.safetensors": weights };
    const folder = await get();
    expect((await openCheckpoint(folder, "owner/name")).tensors.has("a")).toBe(true);
    // A snapshot another tool left without a shard is not whole.
    rmSync(path.join(folder, "model-1-of-1.safetensors"));
    await expect(get({ offline: true })).rejects.toThrow("not whole (without model-1-of-1.safetensors) in");
    expect((await openCheckpoint(await get(), "x")).tensors.has("a")).toBe(true);
    delete hub.files["model-1-of-1.safetensors"];
    rmSync(cacheFolder, { recursive: true });
    await expect(get()).rejects.toThrow("shard model-1-of-1.safetensors of owner/name: in model.safetensors");
  });

  it("is not whole without the tokenizer's configuration, unless it has none", async () => {
    const folder = await get();
    rmSync(path.join(folder, "tokenizer_config.json"));
    await expect(get({ offline: true })).rejects.toThrow("(without tokenizer_config.json)");
    delete hub.files["tokenizer_config.json"];
    expect(await get()).toBe(folder);
    expect(existsSync(path.join(storage, ".no_exist", COMMIT, "tokenizer_config.json"))).toBe(true);
    expect(await get({ offline: true })).toBe(folder);
  });

  it("may have the two files of GPT-2's tokenizer instead of one", async () => {
    delete hub.files["tokenizer.json"];
    Object.assign(hub.files, { "vocab.json": text({}), "merges.txt": Buffer.from("#version: 0.2\n") });
    const folder = await get();
    expect(existsSync(path.join(folder, "merges.txt"))).toBe(true);
    expect(await get({ offline: true })).toBe(folder);
    rmSync(path.join(folder, "merges.txt"));
    await expect(get({ offline: true })).rejects.toThrow("(without merges.txt)");
  });

  it("is read at the revision asked for", async () => {
    hub.pullRequest = { ...FILES, "config.json": text({ model_type: "opt" }) };
    const folder = await get({}, "owner/name@refs/pr/3");
    expect(snapshotOf(folder)).toEqual({ id: "owner/name", commit: PULL_COMMIT });
    expect(readFileSync(path.join(storage, "refs", "refs", "pr", "3"), "utf8")).toBe(PULL_COMMIT);
    expect(await get()).not.toBe(folder);
    await expect(get({}, "owner/name@v9")).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: "model owner/name@v9: the hub has the model, but no revision v9",
    });
  });

  it("is refused where the hub names a commit that is none", async () => {
    hub.intercept = (request, response) => {
      if (!request.url!.includes("/revision/")) return false;
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ _id: "1", id: "owner/name", sha: "../../../tmp" }));
      return true;
    };
    await expect(get()).rejects.toThrow("the hub names no commit (../../../tmp)");
  });
});

describe("a repository that cannot be used is refused before any download:", () => {
  it.each([
    ["config.json", "MODEL_NOT_FOUND", "no config.json"],
    ["tokenizer.json", "BAD_TOKENIZER", "no tokenizer.json"],
    ["model.safetensors", "BAD_WEIGHTS", "no safetensors weights, nor has a pull request"],
  ])("without %s", async (file, code, message) => {
    delete hub.files[file];
    await expect(get()).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    expect(hub.seen.filter(({ path }) => path.includes("/resolve/"))).toEqual([]);
  });

  it("with weights of another format, and says which pull request has them", async () => {
    const { "model.safetensors": weights, ...rest } = FILES;
    hub.files = { ...rest, "pytorch_model.bin": weights };
    await expect(get()).rejects.toThrow("no safetensors weights, only files like pytorch_model.bin, nor has");
    hub.pullRequest = { "model.safetensors": weights };
    await expect(get()).rejects.toThrow(
      "only files like pytorch_model.bin, but its pull request does: give owner/name@refs/pr/3",
    );
  });
});

describe("a model that cannot be had is told apart:", () => {
  const answering = (status: number, reason?: string) => {
    hub.intercept = (_, response) => {
      refuse(response, status, reason);
      return true;
    };
  };
  it.each([
    ["unknown", 404, "RepoNotFound", {}, "MODEL_NOT_FOUND", "not on the hub (check owner"],
    ["unknown, to strangers", 401, "RepoNotFound", {}, "DOWNLOAD_FAILED", "refuses access (401): no such"],
    ["private", 403, undefined, { token: "t" }, "DOWNLOAD_FAILED", "the token given does not open it"],
    ["gated", 401, "GatedRepo", {}, "DOWNLOAD_FAILED", "gated (401): accept its licence on the hub's page"],
    ["gated", 403, "GatedRepo", { token: "t" }, "DOWNLOAD_FAILED", "use a token of the account that did"],
    ["broken", 501, undefined, {}, "DOWNLOAD_FAILED", "the hub answers 501; try again later"],
  ])("%s (%i %s)", async (_, status, reason, options, code, message) => {
    answering(status, reason);
    await expect(get(options)).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
    // Nothing of this passes by itself.
    expect(hub.seen).toHaveLength(1);
  });

  it("out of reach", async () => {
    await expect(get({ hubUrl: "http://127.0.0.1:9" })).rejects.toMatchObject({
      code: "DOWNLOAD_FAILED",
      message: expect.stringContaining("is this machine online?"),
    });
  });

  it("in a cache that cannot be written", async () => {
    writeFileSync(cacheFolder, "a file");
    await expect(get()).rejects.toMatchObject({
      code: "DOWNLOAD_FAILED",
      message: expect.stringContaining("cannot be written (ENOTDIR; set HF_HUB_CACHE to another folder)"),
    });
  });
});
