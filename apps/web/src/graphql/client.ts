import { cacheExchange, type UpdateResolver } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { type Client, createClient, type Exchange, fetchExchange, subscriptionExchange } from "urql";
import { keptExchange } from "./kept-exchange.ts";
import { KEYED_BY_ID } from "./keyed-by-id.ts";
import { forwardSubscription } from "./socket.ts";

const pagination = relayPagination();

/** Whatever a mutation may have changed in these fields of the query is asked for again. */
const stale =
  (...fields: readonly string[]): UpdateResolver =>
  (_result, _args, cache) => {
    for (const field of fields) cache.invalidate("Query", field);
  };

/** The same, for a mutation that deletes what its input names. */
const gone =
  (typename: string, ...fields: readonly string[]): UpdateResolver =>
  (result, args, cache, info) => {
    stale(...fields)(result, args, cache, info);
    cache.invalidate({ __typename: typename, id: (args.input as { id: string }).id });
  };

/** Normalises what has an id of its own, so a progress event updates every figure and list that shows the run. */
const normalisedCache = cacheExchange({
  keys: KEYED_BY_ID,
  // Pages of `Query.runs` stay apart: its list is paged, not grown.
  resolvers: {
    Query: { models: pagination, tasks: pagination, comparisons: pagination },
    Run: { prompts: pagination },
    Model: { runs: pagination },
    Task: { runs: pagination },
  },
  updates: {
    Mutation: {
      createRun: stale("runs", "runMatrix"),
      tagRuns: stale("runs", "tags"),
      noteRuns: stale("runs"),
      createStudy: stale("runs", "runMatrix", "studies"),
      extendStudy: stale("runs", "runMatrix"),
      retryStudy: stale("runs", "runMatrix"),
      deleteStudy: gone("Study", "studies"),
      createComparison: stale("comparisons"),
      updateComparison: stale("comparisons"),
      deleteComparison: gone("Comparison", "comparisons"),
      importTask: stale("tasks", "task", "runMatrix"),
      deleteTask: stale("tasks", "task", "runMatrix"),
      addModel: stale("models", "runMatrix"),
      deleteModel: stale("models", "model", "runMatrix"),
      deleteRun: gone("Run", "runs", "runMatrix"),
    },
    Subscription: {
      runChanged: (result, _args, cache) => {
        if ((result.runChanged as { status: string }).status === "RUNNING") return;
        for (const field of ["runs", "studies", "runMatrix"]) cache.invalidate("Query", field);
      },
      studyChanged: stale("studies"),
      comparisonChanged: stale("comparisons"),
    },
  },
});

/** What a finished run found; computed again, it is another run. */
const RESULTS = new Set([
  "RunPrediction",
  "RunArgumentPassing",
  "RunDecompositions",
  "RunDecomposition",
  "RunIntercepts",
  "RunFinalLayer",
  "RunFurther",
]);

/** While Next renders a page's shell on the server, queries stay unanswered: data is fetched by the browser. */
const unanswered: Exchange = () => () => () => undefined;

export function createGraphqlClient(): Client {
  if (typeof window === "undefined") {
    return createClient({ url: "/graphql", exchanges: [unanswered], preferGetMethod: false });
  }
  return createClient({
    url: "/graphql",
    preferGetMethod: false,
    exchanges: [
      keptExchange(RESULTS),
      normalisedCache,
      fetchExchange,
      subscriptionExchange({ forwardSubscription }),
    ],
  });
}
