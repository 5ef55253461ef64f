import type { Client } from "graphql-ws";
import type { subscriptionExchange } from "urql";

type Forward = Parameters<typeof subscriptionExchange>[0]["forwardSubscription"];

let socket: Promise<Client> | undefined;

/** The one socket of a page, opened and closed as it is needed. */
function openSocket(): Promise<Client> {
  socket ??= import("graphql-ws").then(({ createClient }) =>
    createClient({
      url: `${window.location.protocol === "https:" ? "wss" : "ws"}://${window.location.host}/graphql`,
      lazy: true,
      retryAttempts: Number.POSITIVE_INFINITY,
      shouldRetry: () => true,
    }),
  );
  return socket;
}

/** Subscriptions go over the socket. Its code is loaded with the first of them: pages of what is finished follow nothing. */
export const forwardSubscription: Forward = ({ query = "", variables }) => ({
  subscribe: (sink) => {
    let ended = false;
    let end = () => {};
    openSocket().then(
      (client) => {
        if (!ended) end = client.subscribe({ query, variables }, sink);
      },
      (error: unknown) => {
        socket = undefined;
        sink.error(error);
      },
    );
    return {
      unsubscribe: () => {
        ended = true;
        end();
      },
    };
  },
});
