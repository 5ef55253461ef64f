import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { createClient as createWebSocketClient } from "graphql-ws";
import { type Client, createClient, type Exchange, fetchExchange, subscriptionExchange } from "urql";
import { KEYED_BY_ID } from "./keyed-by-id.ts";

const pagination = relayPagination();

/** Normalises what has an id of its own, so a progress event updates every figure and list that shows the run. */
const normalisedCache = cacheExchange({
  keys: KEYED_BY_ID,
  // Pages of `Query.runs` stay apart: its list is paged, not grown.
  resolvers: {
    Query: { models: pagination, tasks: pagination },
    Run: { prompts: pagination },
    Model: { runs: pagination },
    Task: { runs: pagination },
  },
  updates: {
    Mutation: {
      createRun: (_result, _args, cache) => cache.invalidate("Query", "runs"),
      tagRuns: (_result, _args, cache) => {
        cache.invalidate("Query", "runs");
        cache.invalidate("Query", "tags");
      },
      noteRuns: (_result, _args, cache) => cache.invalidate("Query", "runs"),
      createStudy: (_result, _args, cache) => {
        cache.invalidate("Query", "runs");
        cache.invalidate("Query", "studies");
      },
      extendStudy: (_result, _args, cache) => cache.invalidate("Query", "runs"),
      retryStudy: (_result, _args, cache) => cache.invalidate("Query", "runs"),
      deleteStudy: (_result, args, cache) => {
        cache.invalidate("Query", "studies");
        cache.invalidate({ __typename: "Study", id: (args.input as { id: string }).id });
      },
      importTask: (_result, _args, cache) => {
        cache.invalidate("Query", "tasks");
        cache.invalidate("Query", "task");
      },
      deleteTask: (_result, _args, cache) => {
        cache.invalidate("Query", "tasks");
        cache.invalidate("Query", "task");
      },
      deleteModel: (_result, _args, cache) => {
        cache.invalidate("Query", "models");
        cache.invalidate("Query", "model");
      },
      addModel: (_result, _args, cache) => cache.invalidate("Query", "models"),
      deleteRun: (_result, args, cache) => {
        const { id } = args.input as { id: string };
        cache.invalidate("Query", "runs");
        cache.invalidate({ __typename: "Run", id });
      },
    },
    Subscription: {
      runChanged: (result, _args, cache) => {
        if ((result.runChanged as { status: string }).status === "RUNNING") return;
        cache.invalidate("Query", "runs");
        cache.invalidate("Query", "studies");
      },
    },
  },
});

/** While Next renders a page's shell on the server, queries stay unanswered: data is fetched by the browser. */
const unanswered: Exchange = () => () => () => undefined;

export function createGraphqlClient(): Client {
  if (typeof window === "undefined") {
    return createClient({ url: "/graphql", exchanges: [unanswered], preferGetMethod: false });
  }
  const protocol = window.location.protocol === "https:" ? "wss" : "ws";
  const socket = createWebSocketClient({
    url: `${protocol}://${window.location.host}/graphql`,
    lazy: true,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
  });
  return createClient({
    url: "/graphql",
    preferGetMethod: false,
    exchanges: [
      normalisedCache,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe({ query: request.query ?? "", variables: request.variables }, sink),
          }),
        }),
      }),
    ],
  });
}
