import pg from "pg";
import type { Logger } from "pino";
import { createLocalBus, type RunBus, type RunEvent } from "./bus.ts";

const CHANNEL = "recallscope_run";
const RECONNECT_MS = 1_000;

/** The bus of all processes on one PostgreSQL, by LISTEN and NOTIFY; connects again by itself. */
export async function createPostgresBus(url: string, pool: pg.Pool, log: Logger): Promise<RunBus> {
  const local = createLocalBus();
  let closed = false;
  let client: pg.Client | null = null;

  const connect = async (): Promise<void> => {
    const next = new pg.Client({ connectionString: url });
    next.on("error", (error) => log.warn({ error }, "lost the connection for events"));
    next.on("end", () => {
      if (!closed) setTimeout(reconnect, RECONNECT_MS).unref();
    });
    next.on("notification", ({ payload }) => local.publish(JSON.parse(payload ?? "null") as RunEvent));
    await next.connect();
    await next.query(`listen ${CHANNEL}`);
    client = next;
  };
  const reconnect = () => {
    if (!closed) connect().catch(() => setTimeout(reconnect, RECONNECT_MS).unref());
  };
  await connect();

  return {
    ...local,
    publish: (event) => {
      pool
        .query("select pg_notify($1, $2)", [CHANNEL, JSON.stringify(event)])
        .catch((error: unknown) => log.warn({ error }, "event was not published"));
    },
    close: async () => {
      closed = true;
      await local.close();
      await client?.end();
    },
  };
}
