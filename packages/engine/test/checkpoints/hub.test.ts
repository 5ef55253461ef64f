import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/open-checkpoint.ts";
import { resolveModel } from "../../src/checkpoints/resolve-model.ts";
import { f32, safetensorsBytes, temporaryFolder } from "./files.ts";

const COMMIT = "c".repeat(40);
const WEIGHTS = safetensorsBytes({ a: f32(...Array.from({ length: 5000 }, (_, i) => i)) });
const text = (value: object) => Buffer.from(JSON.stringify(value));
const INDEX = text({ weight_map: { a: "model-1-of-1.safetensors" } });
const SINGLE = {
  "config.json": text({ model_type: "gpt2" }),
  "tokenizer.json": text({}),
  "model.safetensors": WEIGHTS,
};

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const gitHash = (bytes: Buffer) =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

/** A hub with one repository, which answers the requests the client library makes. */
let files: Record<string, Buffer>;
let damaged: string | null;
let requests: string[];
const server = createServer((request, response) => {
  const url = new URL(request.url!, "http://hub");
  requests.push(`${url.pathname} ${request.headers.range ?? ""}`.trim());
  if (url.pathname === `/api/models/owner/gated/revision/main`)
    return answer(response, 401, { error: "gated" });
  if (url.pathname === "/api/models/owner/name/revision/main")
    return answer(response, 200, { _id: "1", id: "owner/name", sha: COMMIT, lastModified: "2026-01-01" });
  if (url.pathname === `/api/models/owner/name/tree/${COMMIT}`) {
    const large = (name: string) => name.endsWith(".safetensors");
    return answer(
      response,
      200,
      Object.entries(files).map(([name, bytes]) => ({
        type: "file",
        path: name,
        size: bytes.length,
        oid: gitHash(bytes),
        ...(large(name) && { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 100 } }),
      })),
    );
  }
  const prefix = `/owner/name/resolve/${COMMIT}/`;
  const bytes = url.pathname.startsWith(prefix) ? files[url.pathname.slice(prefix.length)] : undefined;
  if (!bytes) return answer(response, 404, { error: "Repository not found" });
  send(request, response, url.pathname.endsWith(damaged ?? "/") ? Buffer.from(bytes).fill(1, 9, 20) : bytes);
});

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function send(request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  if (!range) {
    response.writeHead(200, { etag: '"e"' }).end(bytes);
    return;
  }
  const [first, last] = [Number(range[1]), range[2] ? Number(range[2]) : bytes.length - 1];
  response
    .writeHead(206, { etag: '"e"', "content-range": `bytes ${first}-${last}/${bytes.length}` })
    .end(bytes.subarray(first, last + 1));
}

let hubUrl: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

const cacheFolder = temporaryFolder();
const storage = path.join(cacheFolder, "models--owner--name");
const places = (more = {}) => ({ modelsFolder: "/nothing", cacheFolder, hubUrl, ...more });
beforeEach(() => {
  rmSync(storage, { recursive: true, force: true });
  [files, damaged, requests] = [{ ...SINGLE }, null, []];
});

describe("a model of the hub", () => {
  it("comes into the cache layout of the Python tools, and then needs no network", async () => {
    files = {
      ...SINGLE,
      "README.md": text({}),
      "consolidated.safetensors": WEIGHTS,
      "pytorch_model.bin": WEIGHTS,
    };
    const progress: [string, number, number][] = [];
    const folder = await resolveModel(
      "owner/name",
      places({ onDownload: (...p: [string, number, number]) => progress.push(p) }),
    );
    expect(folder).toBe(path.join(storage, "snapshots", COMMIT));
    expect(readFileSync(path.join(storage, "refs", "main"), "utf8")).toBe(COMMIT);
    expect(readFileSync(path.join(storage, "blobs", sha256(WEIGHTS)))).toEqual(WEIGHTS);
    expect(existsSync(path.join(folder, "consolidated.safetensors"))).toBe(false);
    expect(progress.at(-1)).toEqual(["model.safetensors", WEIGHTS.length, WEIGHTS.length]);
    expect((await openCheckpoint(folder, "owner/name")).tensors.get("a")!.shape).toEqual([5000]);

    requests = [];
    expect(await resolveModel("owner/name", places())).toBe(folder);
    expect(await resolveModel("owner/name", places({ offline: true }))).toBe(folder);
    expect(await resolveModel(`owner/name@${COMMIT}`, places({ offline: true }))).toBe(folder);
    expect(requests).toEqual([]);
  });

  it("comes with the shards of its index", async () => {
    const { "model.safetensors": weights, ...rest } = SINGLE;
    files = { ...rest, "model.safetensors.index.json": INDEX, "model-1-of-1.safetensors": weights };
    const folder = await resolveModel("owner/name", places());
    expect((await openCheckpoint(folder, "owner/name")).tensors.has("a")).toBe(true);
    // A snapshot another tool left without a shard is not whole.
    rmSync(path.join(folder, "model-1-of-1.safetensors"));
    await expect(resolveModel("owner/name", places({ offline: true }))).rejects.toThrow("not whole");
    expect((await openCheckpoint(await resolveModel("owner/name", places()), "x")).tensors.has("a")).toBe(
      true,
    );
  });

  it("resumes where an earlier download stopped", async () => {
    const half = 10_000;
    mkdirSync(path.join(storage, "blobs"), { recursive: true });
    writeFileSync(path.join(storage, "blobs", `${sha256(WEIGHTS)}.incomplete`), WEIGHTS.subarray(0, half));
    const folder = await resolveModel("owner/name", places());
    expect(readFileSync(path.join(folder, "model.safetensors"))).toEqual(WEIGHTS);
    expect(requests.filter((r) => r.includes("model.safetensors"))).toEqual([
      `/owner/name/resolve/${COMMIT}/model.safetensors bytes=0-0`,
      `/owner/name/resolve/${COMMIT}/model.safetensors bytes=${half}-${WEIGHTS.length - 1}`,
    ]);
  });

  it.each(["model.safetensors", "config.json"])(
    "refuses a damaged %s and starts it again next time",
    async (file) => {
      damaged = file;
      await expect(resolveModel("owner/name", places())).rejects.toMatchObject({
        code: "DOWNLOAD_FAILED",
        message: expect.stringContaining(`file ${file} of owner/name: arrived damaged`),
      });
      damaged = null;
      expect(readFileSync(path.join(await resolveModel("owner/name", places()), file))).toEqual(files[file]);
    },
  );

  it.each([
    ["config.json", "MODEL_NOT_FOUND", "no config.json"],
    ["tokenizer.json", "BAD_TOKENIZER", "no tokenizer.json"],
    ["model.safetensors", "BAD_WEIGHTS", "no safetensors weights"],
  ])("is refused before any download without %s", async (file, code, message) => {
    delete files[file];
    await expect(resolveModel("owner/name", places())).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
    expect(requests.filter((r) => r.includes("/resolve/"))).toEqual([]);
  });

  it("that is unknown, closed or out of reach is told apart", async () => {
    await expect(resolveModel("owner/other", places())).rejects.toMatchObject({
      code: "MODEL_NOT_FOUND",
      message: expect.stringContaining("model owner/other@main: not on the hub"),
    });
    await expect(resolveModel("owner/gated", places())).rejects.toMatchObject({
      code: "DOWNLOAD_FAILED",
      message: expect.stringContaining("refuses access (401)"),
    });
    await expect(resolveModel("owner/name", places({ hubUrl: "http://127.0.0.1:9" }))).rejects.toMatchObject({
      code: "DOWNLOAD_FAILED",
      message: expect.stringContaining("is this machine online?"),
    });
  });
});
