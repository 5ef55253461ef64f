import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { DEFAULT_SETTINGS, loadTask, type RunReport } from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findHolder, lockFolder } from "../src/database/folder-lock.ts";
import { ROOT } from "../src/env.ts";
import { findServer, openStore } from "../src/index.ts";
import { fakeModel, fakeReport } from "./support/fake-report.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-store-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const never = () => {
  throw new Error("the lock was lost");
};

it("keeps a report of the command line as it is, and finds it again by content", {
  timeout: 240_000,
}, async () => {
  const task = await loadTask(path.join(ROOT, "tasks/country-capital.json"));
  const related = [await loadTask(path.join(ROOT, "tasks/country-language.json"))];
  const settings = { ...DEFAULT_SETTINGS, shots: 1, analyses: ["trajectories"] };
  const report = {
    ...fakeReport("owner/model", task, settings, related),
    further: { trajectories: { anything: [1, null, "x"] } } as unknown as NonNullable<RunReport["further"]>,
  };
  const lines: string[] = [];
  const store = await openStore({ dataFolder: folder, onStep: (line) => lines.push(line) });
  const request = { model: fakeModel("another name for the same weights"), task, related, settings };
  expect(await store.findFinished(request)).toBeNull();
  const { id, key } = await store.saveRun({ task, related, report });
  expect(lines[0]).toContain("making the database");
  await store.close();

  const again = await openStore({ dataFolder: folder });
  const found = await again.findFinished(request);
  expect(found).toMatchObject({ id, key });
  expect(found!.report).toEqual(report);
  expect(found!.report.arrays[0]!.values).toBeInstanceOf(Float32Array);
  expect(await again.findFinished({ ...request, settings: { ...settings, seed: 2 } })).toBeNull();
  expect(await again.findFinished({ ...request, model: { ...request.model, weightHash: "c" } })).toBeNull();
  const changed = { ...task, facts: task.facts.slice(1) };
  expect(await again.findFinished({ ...request, task: changed })).toBeNull();
  expect(await again.findFinished({ ...request, related: [] })).toBeNull();
  expect(await again.findFinished({ ...request, settings: { ...settings, analyses: [] } })).toBeNull();
  await again.close();
});

describe("the folder's lock", () => {
  it("is taken over at once from a process that is dead, not from one that lives", async () => {
    const place = path.join(folder, "lock");
    const lock = await lockFolderIn(place);
    const holder = JSON.parse(await readFile(path.join(place, "server.json"), "utf8"));
    // The same lock as another process would have left it.
    const pretend = (changes: object) =>
      writeFile(path.join(place, "server.json"), JSON.stringify({ ...holder, ...changes }));
    await pretend({ pid: process.ppid, processStart: null, url: "http://localhost:1234" });
    await expect(lockFolder(place, never)).rejects.toMatchObject({
      code: "FOLDER_LOCKED",
      message: expect.stringContaining(`process ${process.ppid} (http://localhost:1234)`),
    });
    expect(await findServer(place)).toBe("http://localhost:1234");
    await pretend({ pid: 2 ** 22 + 1 });
    expect(await findHolder(place)).toBeNull();
    await lock.release();
    await pretend({ pid: 2 ** 22 + 1 });
    const next = await lockFolder(place, never);
    expect(JSON.parse(await readFile(path.join(place, "server.json"), "utf8")).pid).toBe(process.pid);
    await next.release();
    expect(await findServer(place)).toBeNull();
  });

  it.runIf(process.platform === "linux")(
    "is not taken from a process that was only suspended for long",
    async () => {
      const place = path.join(folder, "suspended");
      const lock = await lockFolderIn(place);
      await lock.release();
      const stat = await readFile(`/proc/${process.ppid}/stat`, "utf8");
      const processStart = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
      await writeFile(
        path.join(place, "server.json"),
        JSON.stringify({ pid: process.ppid, host: os.hostname(), processStart, startedAt: "", url: null }),
      );
      await expect(lockFolder(place, never)).rejects.toMatchObject({ code: "FOLDER_LOCKED" });
    },
  );

  async function lockFolderIn(place: string) {
    const { mkdir } = await import("node:fs/promises");
    await mkdir(place, { recursive: true });
    return lockFolder(place, never);
  }
});

describe("a folder that cannot be used", () => {
  it("is a file", async () => {
    const file = path.join(folder, "file");
    await writeFile(file, "");
    await expect(openStore({ dataFolder: file })).rejects.toMatchObject({ code: "FOLDER_NOT_WRITABLE" });
    await expect(openStore({ dataFolder: path.join(file, "below") })).rejects.toMatchObject({
      code: "FOLDER_NOT_WRITABLE",
      message: expect.stringContaining("RECALLSCOPE_DATA"),
    });
  });

  // Root may write everywhere.
  it.skipIf(process.getuid?.() === 0)("belongs to someone else", async () => {
    const place = await mkdtemp(path.join(folder, "closed-"));
    await chmod(place, 0o500);
    await expect(openStore({ dataFolder: place })).rejects.toMatchObject({ code: "FOLDER_NOT_WRITABLE" });
  });
});
