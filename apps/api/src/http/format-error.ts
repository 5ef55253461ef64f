import { randomUUID } from "node:crypto";
import { PothosValidationError } from "@pothos/core";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import { publicFailure } from "../public-failure.ts";
import { redact } from "../secrets.ts";

/**
 * An error as clients see it: a message, and `extensions.code`. What is not their business becomes INTERNAL_SERVER_ERROR with a
 * number that finds it in the log; stacks stay there.
 */
export function formatError(error: GraphQLError, log: Logger): GraphQLFormattedError {
  const { message, path, locations } = error;
  const place = { ...(path && { path }), ...(locations && { locations }) };
  const answer = (text: string, code: string, more: Record<string, unknown> = {}) => ({
    message: redact(text),
    ...place,
    extensions: { code, ...more },
  });
  const cause = originOf(error);

  const failure = cause === null ? null : publicFailure(cause);
  if (failure) return answer(failure.message, failure.code, failure.details);
  if (cause === null) return answer(message, codeOf(error));
  const errorId = randomUUID().slice(0, 8);
  log.error({ error: cause, errorId, path }, "request failed");
  return answer(`internal error ${errorId} (the server's log says more)`, "INTERNAL_SERVER_ERROR", {
    errorId,
  });
}

/** The error that a resolver threw; null when GraphQL itself refused the request. */
function originOf(error: GraphQLError): unknown {
  let cause: unknown = error.originalError ?? null;
  while (cause instanceof GraphQLError && !(cause instanceof PothosValidationError))
    cause = cause.originalError ?? null;
  return cause;
}

function codeOf({ extensions, path }: GraphQLError): string {
  const { code } = extensions;
  if (typeof code === "string" && code !== "INTERNAL_SERVER_ERROR") return code;
  return path === undefined ? "GRAPHQL_VALIDATION_FAILED" : "BAD_USER_INPUT";
}
