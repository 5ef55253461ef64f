import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore } from "../src/index.ts";
import { type Loose, modelsFolder } from "./support/platform.ts";
import { fakeServer, killAll, type ServerProcess } from "./support/process.ts";
import { templateFolder } from "./support/template.ts";

const MINUTES = { timeout: 180_000 };
const MB = 2 ** 20;

/** Small file systems in memory, where this user may mount some: root on a machine of its own. */
const mounted: string[] = [];
function mount(options: string): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return null;
  const folder = mkdtempSync(path.join(os.tmpdir(), "recallscope-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
    mounted.push(folder);
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
}
const [small, disk] = [mount("size=64m"), mount("size=400m")];
if (small === null) console.warn("no file systems can be mounted here: the tests of full disks are skipped");
afterAll(() => {
  killAll();
  for (const folder of mounted) {
    execFileSync("umount", ["-l", folder]);
    rmSync(folder, { recursive: true });
  }
});

describe.skipIf(small === null)("a data folder", () => {
  it("on a disk without room is refused before anything is made there", async () => {
    await expect(openStore({ dataFolder: path.join(small!, "data") })).rejects.toMatchObject({
      code: "DISK_FULL",
      message: expect.stringMatching(/\d+ MB free, 128 MB needed.*RECALLSCOPE_DATA/),
    });
  });

  it("on a disk that is read-only is refused", async () => {
    execFileSync("mount", ["-o", "remount,ro", small!]);
    await expect(openStore({ dataFolder: path.join(small!, "data") })).rejects.toMatchObject({
      code: "FOLDER_NOT_WRITABLE",
      message: expect.stringContaining("RECALLSCOPE_DATA"),
    });
  });
});

describe.skipIf(disk === null)("a disk that fills up while the server runs", () => {
  const CREATE = `mutation ($seed: Int!) { createRun(input: { model: "demo", task: "country-capital", settings: { seed: $seed } }) { run { id } } }`;
  let server: ServerProcess;
  let url: string;
  let models: string;
  beforeAll(async () => {
    models = await modelsFolder("demo");
    await templateFolder(path.join(disk!, "data"));
    server = fakeServer(path.join(disk!, "data"), models, 4, 20);
    url = await server.says("ready");
  }, 120_000);
  afterAll(() => rm(models, { recursive: true, force: true }));

  const ask = async (query: string, variables: object = {}): Promise<Loose> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers,
      body: JSON.stringify({ query, variables }),
    });
    return response.json();
  };
  const finishes = async (seed: number) => {
    const { data, errors } = await ask(CREATE, { seed });
    expect(errors).toBeUndefined();
    const { id } = data.createRun.run;
    const status = async () =>
      (await ask(`query ($id: ID!) { run(id: $id) { status } }`, { id })).data.run.status;
    await expect.poll(status, { timeout: 60_000 }).toBe("SUCCEEDED");
    return id as string;
  };

  it("gives an error that says so, loses nothing, and goes on when there is room", MINUTES, async () => {
    const first = await finishes(1);
    const report = await (await fetch(`${url}/runs/${first}/report.json`)).text();
    // Until nothing more fits, in large steps and then in small ones.
    for (const size of [16 * MB, MB, 4096])
      for (let i = 0; ; i++) {
        const whole = await writeFile(path.join(disk!, `filler-${size}-${i}`), Buffer.alloc(size, 1)).then(
          () => true,
          () => false,
        );
        if (!whole) break;
      }
    const codes = new Set<string>();
    for (let seed = 100; seed < 400 && codes.size === 0; seed++) {
      const { errors } = await ask(CREATE, { seed });
      if (errors) codes.add(errors[0].extensions.code);
    }
    expect([...codes]).toEqual(["DISK_FULL"]);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect(await (await fetch(`${url}/runs/${first}/report.json`)).text()).toBe(report);

    execFileSync("sh", ["-c", `rm -f ${disk}/filler-*`]);
    await finishes(2);
    expect(await (await fetch(`${url}/runs/${first}/report.json`)).text()).toBe(report);
    await server.end("SIGTERM");
    server = fakeServer(path.join(disk!, "data"), models, 4, 20);
    url = await server.says("ready");
    expect(await (await fetch(`${url}/runs/${first}/report.json`)).text()).toBe(report);
    await finishes(3);
  });
});
