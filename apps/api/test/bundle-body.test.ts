import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import express, { type ErrorRequestHandler, type Request, type Response } from "express";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ApiError } from "../src/errors.ts";
import { BUNDLE_MEDIA } from "../src/exports/index.ts";
import { bundleBody } from "../src/http/bundle-body.ts";

/** What a bundle may have here: the server's own limit is a gigabyte. */
const MOST = 100_000;
let server: Server;
let url: string;

beforeAll(async () => {
  const app = express();
  const length = (request: Request, response: Response) => void response.json(request.body.length);
  app.post("/", ...bundleBody(MOST), length);
  const failed: ErrorRequestHandler = (error: ApiError, _request, response, _next) =>
    void response.status(400).json(`${error.code} ${error.message}`);
  app.use(failed);
  server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** Pieces one after the other: nobody says how many there will be. */
async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000);
}
const send = async (body: Uint8Array, { chunked = false, headers = {} } = {}) => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": BUNDLE_MEDIA, ...headers },
    body: chunked ? (pieces(body) as unknown as ReadableStream) : (body as Uint8Array<ArrayBuffer>),
    ...(chunked && { duplex: "half" }),
  } as RequestInit);
  return response.json();
};
const bytes = (count: number) => new Uint8Array(count).fill(7);
const TOO_LARGE = `PAYLOAD_TOO_LARGE bundle: larger than ${MOST} bytes`;

it.each([
  ["as a whole", false],
  ["in pieces that do not say how many they are", true],
])("takes what is not too large, %s", async (_, chunked) => {
  expect(await send(bytes(MOST), { chunked })).toBe(MOST);
  expect(await send(bytes(MOST + 1), { chunked })).toBe(TOO_LARGE);
});

it("counts a packed body as it is once it is unpacked", async () => {
  const headers = { "content-encoding": "gzip" };
  expect(await send(gzipSync(bytes(MOST)), { headers })).toBe(MOST);
  for (const chunked of [false, true])
    expect(await send(gzipSync(bytes(MOST + 1)), { headers, chunked })).toBe(TOO_LARGE);
});

it("takes no other type", async () => {
  const headers = { "content-type": "text/plain" };
  expect(await send(bytes(1), { headers })).toMatch(/^BAD_REQUEST import: content type text\/plain/);
});
