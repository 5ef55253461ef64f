import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { documents } from "./documents.ts";
import { queueRun } from "./server.ts";

export interface Subscribers {
  count: number;
  /** Those that were told of everything from their first event on to the good end, and that nothing more comes. */
  complete: number;
  /** Events that each got, fewest and most: who comes later begins later. */
  fewest: number;
  most: number;
  /** From the first subscriber that has an event to the last one: the slowest event. */
  slowestMs: number;
}

interface Event {
  runProgress: { status: string; progress: { fraction: number; step: string; done: number } | null };
}

/** Watches one run through many connections. */
export async function measureSubscribers(url: string, count: number): Promise<Subscribers> {
  const id = await queueRun(url, 2_000_000);
  const seen = await Promise.all(Array.from({ length: count }, () => follow(url, id)));
  const spread = new Map<string, { first: number; last: number }>();
  for (const { events } of seen)
    for (const { key, at } of events) {
      const known = spread.get(key) ?? { first: at, last: at };
      spread.set(key, { first: Math.min(known.first, at), last: Math.max(known.last, at) });
    }
  const lengths = seen.map(({ events }) => events.length);
  const all = seen.reduce(
    (longest, { events }) => (events.length > longest.length ? events : longest),
    seen[0]!.events,
  );
  const isWhole = (events: readonly { key: string }[]) =>
    all.slice(-events.length).every(({ key }, i) => key === events[i]!.key);
  return {
    count,
    complete: seen.filter(
      ({ events, ended }) => ended && events.at(-1)?.key === "SUCCEEDED" && isWhole(events),
    ).length,
    fewest: Math.min(...lengths),
    most: Math.max(...lengths),
    slowestMs: Math.max(...[...spread.values()].map(({ first, last }) => last - first)),
  };
}

async function follow(url: string, id: string) {
  const client = createClient({
    url: `${url.replace("http", "ws")}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  const events: { key: string; at: number }[] = [];
  let ended = false;
  try {
    for await (const { data, errors } of client.iterate<Event>({
      query: documents.runProgress,
      variables: { id },
    })) {
      if (errors) break;
      const { status, progress } = data!.runProgress;
      events.push({
        key: [status, progress?.step, progress?.done, progress?.fraction]
          .filter((part) => part != null)
          .join(" "),
        at: performance.now(),
      });
    }
    ended = true;
  } finally {
    await client.dispose();
  }
  return { events, ended };
}
