import type { CombinedError } from "urql";

export interface ErrorDescription {
  /** "network": no answer from the server; "graphql": it answered with an error. */
  kind: "network" | "graphql";
  title: string;
  message: string;
  code: string | null;
}

/** Tells a server that cannot be reached from one that refused the request. */
export function describeError(error: CombinedError): ErrorDescription {
  if (error.networkError) {
    return {
      kind: "network",
      title: "The server does not answer",
      message: `${error.networkError.message}. Check that Recallscope is still running, then try again.`,
      code: null,
    };
  }
  const [first] = error.graphQLErrors;
  const code = typeof first?.extensions?.code === "string" ? first.extensions.code : null;
  return {
    kind: "graphql",
    title: "The server could not answer this request",
    message: error.graphQLErrors.map((each) => each.message).join("\n"),
    code,
  };
}
