import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Logger } from "pino";
import { createLocalBus, type StoreBus, type StoreEvent } from "./bus.ts";

const CHANNEL = "recallscope_run";
const RECONNECT_MS = 1_000;

/** The bus of all processes on one PostgreSQL, by LISTEN and NOTIFY; connects again by itself. */
export async function createPostgresBus(url: string, pool: pg.Pool, log: Logger): Promise<StoreBus> {
  const local = createLocalBus();
  let closed = false;
  let client: pg.Client | null = null;

  const connect = async (): Promise<{ lost: Promise<unknown> }> => {
    const next = new pg.Client({ connectionString: url });
    const lost = new Promise((resolve) => next.once("end", resolve));
    next.on("error", (error) => log.warn({ error }, "lost the connection for events"));
    next.on("notification", ({ payload }) => local.publish(JSON.parse(payload ?? "null") as StoreEvent));
    try {
      await next.connect();
      await next.query(`listen ${CHANNEL}`);
    } catch (error) {
      await next.end().catch(() => {});
      throw error;
    }
    client = next;
    return { lost };
  };
  /** One connection at a time: a failed one both throws and ends, and two in its place would be four the next time. */
  const stayConnected = async (first: Promise<unknown>): Promise<void> => {
    let lost: Promise<unknown> | null = first;
    for (;;) {
      await lost;
      await pause(RECONNECT_MS, undefined, { ref: false });
      if (closed) return;
      const next = await connect().catch(() => null);
      lost = next?.lost ?? null;
    }
  };
  void stayConnected((await connect()).lost);

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
