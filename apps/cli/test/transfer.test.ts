import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type ExportFlags, requestOf } from "../src/commands/export.ts";
import { throughServer } from "../src/store/transfer.ts";

let server: Server;
let url: string;
let received: { method?: string; url?: string; type?: string; token?: string; body: Buffer };

beforeAll(async () => {
  server = createServer(async (request: IncomingMessage, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const type = request.headers["content-type"];
    received = {
      method: request.method,
      url: request.url,
      type,
      token: request.headers.authorization,
      body: Buffer.concat(chunks),
    };
    if (request.url!.includes("gone"))
      return response
        .writeHead(404)
        .end(`{"errors":[{"message":"run gone: there is none","extensions":{"code":"NOT_FOUND"}}]}`);
    if (request.method === "POST") return response.end(`{"id":"i","key":"k","created":true}`);
    response.setHeader("content-disposition", "attachment; filename=task-k-heads.csv");
    response.end("a,b\n");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

it("fetches a part of a run from the server that holds the store, and brings bundles there", async () => {
  const exports = await throughServer({ url, token: "secret", remote: false });
  const request = { what: "table", table: "heads", format: "latex", columns: ["effect"], digits: 3 } as const;
  const { fileName, chunks } = await exports.export("k/1", request);
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(Buffer.from(chunk));
  expect([fileName, Buffer.concat(parts).toString()]).toEqual(["task-k-heads.csv", "a,b\n"]);
  expect(received.url).toBe("/runs/k%2F1/tables/heads.tex?columns=effect&digits=3");
  expect(received.token).toBe("Bearer secret");

  expect(await exports.import(Uint8Array.of(1, 2, 255), { force: true })).toMatchObject({
    key: "k",
    created: true,
  });
  expect(received).toMatchObject({
    method: "POST",
    url: "/runs/import?force=true",
    token: "Bearer secret",
    type: "application/vnd.recallscope.bundle",
  });
  expect([...received.body]).toEqual([1, 2, 255]);
});

it("fails with the server's own code", async () => {
  const exports = await throughServer({ url, token: "secret", remote: false });
  await expect(exports.export("gone", { what: "report" })).rejects.toMatchObject({
    code: "NOT_FOUND",
    message: "run gone: there is none",
  });
});

it.each<[Partial<ExportFlags>, RegExp]>([
  [{ table: "heads", figure: "a/b" }, /give one of them/],
  [{ table: "heads", digits: 3 }, /for --format latex only/],
  [{ format: "latex", columns: "effect" }, /needs --table or --figure/],
  [{ format: "bundle", table: "heads" }, /holds a whole run/],
  [{ format: "safetensors", figure: "a/b" }, /holds a whole run/],
  [{ figure: "a" }, /expected is ANALYSIS\/FIGURE/],
  [{ figure: "a/b/c" }, /expected is ANALYSIS\/FIGURE/],
])("refuses %j", (flags, message) => {
  expect(() => requestOf({ format: "csv", out: "x", ...flags })).toThrow(message);
});

it.each<[Partial<ExportFlags>, unknown]>([
  [{ format: "json" }, { what: "report" }],
  [
    { format: "latex", digits: 5 },
    { what: "tables", digits: 5 },
  ],
  [{ format: "bundle" }, { what: "bundle" }],
  [{ format: "csv" }, null],
  [
    { table: "lens", columns: "of, state" },
    { what: "table", table: "lens", format: "csv", columns: ["of", "state"] },
  ],
  [
    { format: "parquet", figure: "a/b" },
    { what: "figure", analysis: "a", figure: "b", format: "parquet" },
  ],
])("understands %j", (flags, request) => {
  expect(requestOf({ format: "csv", out: "x", ...flags })).toEqual(request);
});
