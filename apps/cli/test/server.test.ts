import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DEFAULT_SETTINGS } from "@recallscope/engine";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Connection } from "../src/store/connection.ts";
import { runOnServer } from "../src/store/run-on-server.ts";

const state = (status: string, fraction = 0, error: unknown = null) => ({
  key: "k2",
  status,
  progress: status === "RUNNING" ? { step: "clean", fraction, message: `${fraction}` } : null,
  error,
});

let server: Server;
let url: string;
let local: Connection;
/** What `run(id)` answers, one after the other; the last one stays. */
let states: unknown[];
let created: boolean;
let received: { query: string; variables: { input?: Record<string, unknown> } }[];

beforeEach(async () => {
  received = [];
  created = true;
  server = createServer((request, response) => {
    if (request.url === "/runs/r1/report.json") return void response.end(`{"warnings": ["w"]}`);
    let body = "";
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      const call = JSON.parse(body);
      received.push(call);
      if (!call.query.includes("mutation") && states[0] === "break") {
        states.shift();
        return void request.socket.destroy();
      }
      response.end(JSON.stringify(answer(call.query)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  local = { url, token: null, remote: false };
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

function answer(query: string): unknown {
  if (query.includes("createRun")) return { data: { createRun: { created, run: { id: "r1", key: "k1" } } } };
  if (query.includes("cancelRun")) {
    states = [state("CANCELLED")];
    return { data: { cancelRun: { run: { id: "r1" } } } };
  }
  return { data: { run: states.length > 1 ? states.shift() : states[0] } };
}

const request = { model: "m", task: "country-capital", settings: DEFAULT_SETTINGS, force: false };
const options = (onProgress = (_: { fraction: number }) => {}, signal = new AbortController().signal) => ({
  signal,
  onProgress,
});

it("follows a run to its end and brings its report", async () => {
  states = [state("QUEUED"), state("RUNNING", 0.5), state("SUCCEEDED")];
  const fractions: number[] = [];
  const run = await runOnServer(
    local,
    request,
    options(({ fraction }) => fractions.push(fraction)),
  );
  expect(run).toEqual({ id: "r1", key: "k2", created: true, report: { warnings: ["w"] } });
  expect(fractions).toEqual([0.5]);
  expect(received[0]?.variables.input).toEqual(request);
});

it("fails with the run's own code and message", async () => {
  states = [state("FAILED", 0, { code: "BAD_WEIGHTS", message: "tensor wte is cut off" })];
  await expect(runOnServer(local, request, options())).rejects.toMatchObject({
    code: "BAD_WEIGHTS",
    message: "tensor wte is cut off",
  });
});

it("cancels the run on the server when it is interrupted", async () => {
  states = [state("RUNNING", 0.1)];
  const controller = new AbortController();
  const running = runOnServer(
    local,
    request,
    options(() => controller.abort(), controller.signal),
  );
  await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
  expect(received.some(({ query }) => query.includes("cancelRun"))).toBe(true);
});

it("leaves a run that was there before when it is interrupted", async () => {
  states = [state("RUNNING", 0.1)];
  created = false;
  const controller = new AbortController();
  const running = runOnServer(
    local,
    request,
    options(() => controller.abort(), controller.signal),
  );
  await expect(running).rejects.toMatchObject({
    code: "CANCELLED",
    message: expect.stringContaining("goes on"),
  });
  expect(received.some(({ query }) => query.includes("cancelRun"))).toBe(false);
});

it("waits for a server elsewhere that cannot be reached for a moment", async () => {
  states = [state("RUNNING", 0.5), "break", state("SUCCEEDED")];
  const run = await runOnServer({ ...local, remote: true }, request, options());
  expect(run.report).toEqual({ warnings: ["w"] });
});

it("says so when the server does not answer", async () => {
  await new Promise((resolve) => server.close(resolve));
  await expect(runOnServer(local, request, options())).rejects.toThrow(`server ${url} does not answer`);
});
