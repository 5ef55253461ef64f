import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Loose, modelsFolder } from "./support/platform.ts";
import { type PostgresServer, postgresPrograms, query, startPostgres } from "./support/postgres.ts";
import { fakeServer, killAll, type ServerProcess } from "./support/process.ts";
import { type TcpProxy, tcpProxy } from "./support/tcp-proxy.ts";

const MINUTES = { timeout: 180_000 };
const RUNS = "{ runs { totalCount } }";
const CREATE = `mutation { createRun(input: { model: "demo", task: "country-capital", force: true }) { run { id } } }`;
const STATUS = `query ($id: ID!) { run(id: $id) { status } }`;

describe.skipIf(postgresPrograms === null)("a server on PostgreSQL", () => {
  let postgres: PostgresServer;
  let proxy: TcpProxy;
  let models: string;
  let direct: string;
  let server: ServerProcess;
  let url: string;
  /** What is a minute in earnest is two seconds here. */
  const start = async (limit = 2_000) => {
    const through = new URL(direct);
    through.port = String(proxy.port);
    through.search = `?query_timeout=${limit}&connectionTimeoutMillis=1000`;
    server = fakeServer("", models, 4, 20, { DATABASE_URL: through.href });
    url = (await server.says("ready")).replace("localhost", "127.0.0.1");
  };
  beforeAll(async () => {
    [postgres, models] = await Promise.all([startPostgres({ fsync: "off" }), modelsFolder("demo")]);
    direct = await postgres.createDatabase("recallscope");
    proxy = await tcpProxy(Number(new URL(direct).port));
    await start();
  }, 120_000);
  afterAll(async () => {
    killAll();
    await proxy.close();
    await postgres.remove();
  });

  const ask = async (text: string, variables: Record<string, unknown> = {}) => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query: text, variables }),
    });
    return (await response.json()) as {
      data: Loose;
      errors?: { message: string; extensions: { code: string } }[];
    };
  };
  const codeOf = async (text: string) => (await ask(text)).errors?.[0]?.extensions.code;
  const ready = async () => (await fetch(`${url}/readyz`)).status;
  const works = async () => {
    await expect.poll(() => codeOf(RUNS), { timeout: 30_000 }).toBeUndefined();
    await expect.poll(ready, { timeout: 30_000 }).toBe(200);
    const { data } = await ask(CREATE);
    const { id } = data.createRun.run;
    await expect
      .poll(async () => (await ask(STATUS, { id })).data.run.status, { timeout: 60_000 })
      .toBe("SUCCEEDED");
  };

  it.each(["cut", "stall"] as const)(
    "says so while its connections are %s, and recovers",
    MINUTES,
    async (mode) => {
      await works();
      proxy.set(mode);
      const began = Date.now();
      const refused = await ask(RUNS);
      expect(refused.errors?.[0]).toMatchObject({
        extensions: { code: "DATABASE_FAILED" },
        message: expect.stringContaining("try again"),
      });
      expect(Date.now() - began).toBeLessThan(15_000);
      expect(await codeOf(CREATE)).toBe("DATABASE_FAILED");
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect(await ready()).toBe(503);
      proxy.set("pass");
      await works();
      expect(server.child.exitCode).toBeNull();
    },
  );

  it("recovers when the database itself is stopped and started again", MINUTES, async () => {
    for (const signal of ["SIGINT", "SIGKILL"] as const) {
      await postgres.stop(signal);
      expect(await codeOf(RUNS)).toBe("DATABASE_FAILED");
      await postgres.start();
      await works();
    }
  });

  it("answers what it was asked before SIGTERM, and nothing after", MINUTES, async () => {
    const holder = await held();
    const answer = ask(RUNS);
    await waits();
    server.child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 500));
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    await holder.release();
    expect((await answer).data.runs.totalCount).toBeGreaterThan(0);
    await server.end("SIGTERM");
    expect(server.child.exitCode).toBe(0);
    await start();
  });

  it("cuts off what takes longer than five seconds after SIGTERM", MINUTES, async () => {
    await server.end("SIGTERM");
    await start(60_000);
    const holder = await held();
    const answer = ask(RUNS).then(
      () => "answered",
      () => "cut off",
    );
    await waits();
    const asked = Date.now();
    const gone = server.end("SIGTERM");
    expect(await answer).toBe("cut off");
    expect(Date.now() - asked).toBeGreaterThan(4_500);
    await gone;
    expect(Date.now() - asked).toBeLessThan(20_000);
    expect(server.child.exitCode).toBe(0);
    await holder.release();
    await start();
    await works();
  });

  /** Takes the table of runs away from everybody else. */
  async function held() {
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: direct });
    client.on("error", () => {});
    await client.connect();
    await client.query(`begin; lock table "Run" in access exclusive mode`);
    return { release: () => client.end() };
  }
  /** Until a statement waits for that table. */
  const waits = () =>
    expect
      .poll(async () => (await query(direct, "select 1 from pg_locks where not granted")).rowCount, {
        timeout: 10_000,
      })
      .toBeGreaterThan(0);
});
