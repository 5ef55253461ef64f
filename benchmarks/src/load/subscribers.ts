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
  // Who comes while something changes is told the new state as the present one, and then once more as a change.
  const changes = seen.map(({ events }) =>
    events.map(({ key }) => key).filter((key, i, keys) => key !== keys[i - 1]),
  );
  const all = changes.reduce((longest, own) => (own.length > longest.length ? own : longest), []);
  const isWhole = (own: readonly string[]) => all.slice(-own.length).every((key, i) => key === own[i]);
  return {
    count,
    complete: seen.filter(
      ({ ended }, i) => ended && changes[i]!.at(-1) === "SUCCEEDED" && isWhole(changes[i]!),
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
