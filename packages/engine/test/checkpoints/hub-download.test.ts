import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { refuse, sha256 } from "./fake-hub.ts";
import { blob, cacheFolder, get, hub, storage, useHub, WEIGHTS } from "./hub-support.ts";

const disk = vi.hoisted(() => ({ free: Number.POSITIVE_INFINITY }));
vi.mock("node:fs/promises", async (original) => ({
  ...(await original<typeof import("node:fs/promises")>()),
  statfs: async () => ({ bavail: disk.free, bsize: 1 }),
}));

useHub();
const NAME = "model.safetensors";
const CHECKSUM = sha256(WEIGHTS);
const HALF = 100_000;
/** The checksum of what has come: comparing the bytes one by one takes a second. */
const content = async (more = {}) => sha256(readFileSync(path.join(await get(more), NAME)));

function leaveIncomplete(bytes: Uint8Array): void {
  mkdirSync(path.join(storage, "blobs"), { recursive: true });
  writeFileSync(blob(`${CHECKSUM}.incomplete`), bytes);
}

/** Answers the first requests for the weights in another way, and then as always. */
function first(times: number, answer: Parameters<typeof stub>[0]): void {
  stub((...all) => times-- > 0 && answer(...all));
}
function stub(answer: NonNullable<typeof hub.send>): void {
  hub.send = (name, bytes, response) => name === NAME && answer(name, bytes, response);
}

describe("the files of a model", () => {
  it("come from another host, which never sees the token", async () => {
    hub.redirects = true;
    expect(await content({ token: "hf_secret" })).toBe(CHECKSUM);
    const tokens = (host: string) => [
      ...new Set(hub.seen.filter((seen) => seen.host === host).map(({ token }) => token)),
    ];
    expect(tokens("hub")).toEqual(["Bearer hf_secret"]);
    expect(tokens("cdn")).toEqual([null]);
  });

  it("are refused before they come when other content is announced than listed", async () => {
    hub.redirects = true;
    hub.announced = "e".repeat(64);
    await expect(get()).rejects.toThrow("the hub announces content eeeeeeeeeeee..., but lists");
    expect(hub.seen.filter(({ host }) => host === "cdn")).toEqual([]);
  });

  it("are not followed in circles", async () => {
    hub.intercept = (request, response) => {
      if (!request.url!.endsWith(NAME)) return false;
      response.writeHead(302, { location: request.url }).end();
      return true;
    };
    await expect(get()).rejects.toThrow("redirections lead nowhere");
  });

  it.each([true, false])(
    "go on where an earlier download stopped (over another host: %s)",
    async (redirects) => {
      hub.redirects = redirects;
      leaveIncomplete(WEIGHTS.subarray(0, HALF));
      const progress: number[] = [];
      const onDownload = (file: string, done: number) => file === NAME && progress.push(done);
      expect(await content({ onDownload })).toBe(CHECKSUM);
      expect([...new Set(hub.asked(NAME))]).toEqual([`bytes=${HALF}-`]);
      expect(progress[0]).toBeGreaterThan(HALF);
    },
  );

  it("go on where the connection broke", async () => {
    first(2, (_, bytes, response) => {
      response.writeHead(bytes.length === WEIGHTS.length ? 200 : 206, {
        "content-length": bytes.length,
        "content-range": `bytes ${WEIGHTS.length - bytes.length}-${WEIGHTS.length - 1}/${WEIGHTS.length}`,
      });
      response.write(bytes.subarray(0, 40_000), () => setTimeout(() => response.destroy(), 20));
      return true;
    });
    expect(await content()).toBe(CHECKSUM);
    expect(hub.asked(NAME)).toEqual(["all", "bytes=40000-", "bytes=80000-"]);
  });

  it("go on after answers that end too early, and fail in the end, keeping what has come", async () => {
    stub((_, bytes, response) => {
      const end = bytes.length === WEIGHTS.length ? HALF : 0;
      const from = WEIGHTS.length - bytes.length;
      response.writeHead(from ? 206 : 200, { ...(from && { "content-range": `bytes ${from}-` }) });
      response.end(bytes.subarray(0, end));
      return true;
    });
    await expect(get()).rejects.toMatchObject({
      code: "DOWNLOAD_FAILED",
      message: expect.stringMatching(/closed after 100000 of \d+ bytes; .* goes on from there/),
    });
    expect(hub.asked(NAME)).toHaveLength(5);
    hub.send = null;
    expect(await content()).toBe(CHECKSUM);
    expect(hub.asked(NAME).at(-1)).toBe(`bytes=${HALF}-`);
  });

  it("start over from a server that knows no ranges", async () => {
    hub.ignoresRange = true;
    leaveIncomplete(WEIGHTS.subarray(0, HALF));
    expect(await content()).toBe(CHECKSUM);
  });

  it("are refused from a server that goes on elsewhere", async () => {
    leaveIncomplete(WEIGHTS.subarray(0, HALF));
    stub((_, bytes, response) => {
      response.writeHead(206, { "content-range": "bytes 7-" }).end(bytes);
      return true;
    });
    await expect(get()).rejects.toThrow(`the hub sends bytes from 7 instead of ${HALF}`);
  });

  it("start over where more is there than the file has, or other bytes", async () => {
    leaveIncomplete(Buffer.alloc(WEIGHTS.length + 5));
    expect(await content()).toBe(CHECKSUM);
  });

  it("are got once more where what was left of an earlier download was damaged", async () => {
    leaveIncomplete(Buffer.alloc(HALF));
    expect(await content()).toBe(CHECKSUM);
    expect(hub.asked(NAME)).toEqual([`bytes=${HALF}-`, "all"]);
  });

  it.each([NAME, "config.json"])(
    "are refused when %s arrives damaged, and got again next time",
    async (file) => {
      hub.send = (name, bytes, response) => {
        if (name === file) response.end(Buffer.from(bytes).fill(1, 9, 20));
        return name === file;
      };
      await expect(get()).rejects.toMatchObject({
        code: "DOWNLOAD_FAILED",
        message: expect.stringContaining(`file ${file} of owner/name: arrived damaged`),
      });
      hub.send = null;
      expect(await content()).toBe(CHECKSUM);
    },
  );

  it("are refused when more comes than was listed, without filling the disk", async () => {
    stub((_, bytes, response) => {
      response.end(Buffer.concat([bytes, Buffer.alloc(5_000_000)]));
      return true;
    });
    await expect(get()).rejects.toThrow(`arrived damaged (${WEIGHTS.length + 1} of ${WEIGHTS.length} bytes`);
    expect(existsSync(blob(`${CHECKSUM}.incomplete`))).toBe(false);
  });
});

describe("a hub that is busy", () => {
  it.each([429, 500, 502, 503, 504])("is asked again after %i", async (status) => {
    let left = 3;
    hub.intercept = (_, response) => {
      if (left-- > 0) refuse(response, status, undefined, { "retry-after": "0" });
      return left >= 0;
    };
    expect(await content()).toBe(CHECKSUM);
  });

  it("is asked again when it says", async () => {
    let left = 1;
    hub.intercept = (_, response) => {
      if (left-- > 0) refuse(response, 429, undefined, { "retry-after": "1" });
      return left >= 0;
    };
    const start = Date.now();
    await get();
    expect(Date.now() - start).toBeGreaterThanOrEqual(1000);
  });

  it("is left alone when it wants to be for long, or does not stop", async () => {
    hub.intercept = (_, response) => {
      refuse(response, 429, undefined, { "retry-after": "3600" });
      return true;
    };
    await expect(get()).rejects.toThrow(
      "(429): too many requests from this address, try again in 3600 s or set",
    );
    expect(hub.seen).toHaveLength(1);
    hub.intercept = (_, response) => {
      refuse(response, 503);
      return true;
    };
    await expect(get()).rejects.toThrow("the hub answers 503; try again later");
    expect(hub.seen).toHaveLength(6);
  });
});

describe("a disk without room", () => {
  it("is seen before the download", async () => {
    disk.free = 120_000;
    try {
      await expect(get()).rejects.toMatchObject({
        code: "DOWNLOAD_FAILED",
        message: expect.stringMatching(/0\.2 MB to download, but the disk .* has 0\.1 MB free \(make room/),
      });
      expect(hub.asked(NAME)).toEqual([]);
      leaveIncomplete(WEIGHTS.subarray(0, HALF));
      expect(await content()).toBe(CHECKSUM);
    } finally {
      disk.free = Number.POSITIVE_INFINITY;
    }
  });

  it.skipIf(!existsSync("/dev/full"))("is told when it fills up on the way", async () => {
    mkdirSync(path.join(storage, "blobs"), { recursive: true });
    symlinkSync("/dev/full", blob(`${CHECKSUM}.incomplete`));
    await expect(get()).rejects.toMatchObject({
      code: "DOWNLOAD_FAILED",
      message: expect.stringMatching(/no space left on the disk of the cache .* goes on where it stopped/),
    });
  });
});

describe("a download that is cancelled", () => {
  it("stops at once, and keeps what has come", async () => {
    hub.slowness = 50;
    const controller = new AbortController();
    const onDownload = (_: string, done: number) => done >= 40_000 && controller.abort();
    await expect(get({ onDownload, signal: controller.signal })).rejects.toMatchObject({
      code: "CANCELLED",
      message: "download of owner/name: cancelled; what has come is kept",
    });
    hub.slowness = 0;
    expect(await content()).toBe(CHECKSUM);
    expect(Number(/\d+/.exec(hub.asked(NAME)[1]!)![0])).toBeGreaterThanOrEqual(30_000);
  });

  it("stops while it waits for the hub, or for another process", async () => {
    hub.intercept = (_, response) => {
      refuse(response, 429, undefined, { "retry-after": "50" });
      return true;
    };
    const cancelled = { code: "CANCELLED" };
    await expect(get({ signal: AbortSignal.timeout(200) })).rejects.toMatchObject(cancelled);
    hub.intercept = null;
    const lock = path.join(cacheFolder, ".locks", path.basename(storage), `${CHECKSUM}.recallscope.lock`);
    mkdirSync(lock, { recursive: true });
    await expect(get({ signal: AbortSignal.timeout(500) })).rejects.toMatchObject(cancelled);
  });
});

describe("two processes that download the same model", () => {
  const process_ = () =>
    new Promise<string>((resolve, reject) => {
      const script = path.join(import.meta.dirname, "download-once.ts");
      const child = spawn(process.execPath, ["--import", "tsx", script, hub.url, cacheFolder]);
      let [out, err] = ["", ""];
      child.stdout.on("data", (chunk) => (out += chunk));
      child.stderr.on("data", (chunk) => (err += chunk));
      child.on("close", (code) => (code === 0 ? resolve(out) : reject(new Error(err))));
    });

  it("download it once", async () => {
    hub.slowness = 150;
    const progress: number[] = [];
    const onDownload = (file: string, done: number) => file === NAME && progress.push(done);
    const [one, two] = await Promise.all([process_(), process_()]);
    expect(two).toBe(one);
    expect(sha256(readFileSync(path.join(one, NAME)))).toBe(CHECKSUM);
    expect(hub.asked(NAME)).toEqual(["all"]);
    expect(await content({ onDownload, offline: true })).toBe(CHECKSUM);
  }, 30_000);

  it("show the progress of the one that downloads, and take over from one that died", async () => {
    const lock = path.join(cacheFolder, ".locks", path.basename(storage), `${CHECKSUM}.recallscope.lock`);
    mkdirSync(lock, { recursive: true });
    leaveIncomplete(WEIGHTS.subarray(0, HALF));
    const progress: number[] = [];
    const onDownload = (file: string, done: number) => file === NAME && progress.push(done);
    const download = content({ onDownload });
    await vi.waitFor(() => expect(progress).toContain(HALF), 5000);
    expect(hub.asked(NAME)).toEqual([]);
    utimesSync(lock, new Date(0), new Date(0));
    expect(await download).toBe(CHECKSUM);
    expect(hub.asked(NAME)).toEqual([`bytes=${HALF}-`]);
    expect(existsSync(lock)).toBe(false);
  });
});
