import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import express from "express";
import { afterEach, beforeEach, expect, it } from "vitest";
import { staticFiles } from "../src/http/static-files.ts";

let folder: string;
let server: Server;
let url: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-static-"));
  for (const name of ["stays.js", "goes.js"]) await writeFile(path.join(folder, name), `// ${name}`);
  server = createServer(express().use(staticFiles(folder)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

it("goes on when a file was taken away under it", async () => {
  await rm(path.join(folder, "goes.js"));
  await expect(fetch(`${url}/goes.js`).then((response) => response.text())).rejects.toThrow();
  expect(await (await fetch(`${url}/stays.js`)).text()).toBe("// stays.js");
  expect((await fetch(`${url}/none.js`)).status).toBe(404);
});
