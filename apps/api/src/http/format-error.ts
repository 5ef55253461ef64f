import { randomUUID } from "node:crypto";
import { PothosValidationError } from "@pothos/core";
import { InputValidationError } from "@pothos/plugin-validation";
import { EngineError } from "@recallscope/engine";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import { ApiError, DISK_FULL, isDiskFull } from "../errors.ts";
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

  if (cause instanceof ApiError) return answer(cause.message, cause.code, cause.details);
  if (cause instanceof EngineError) return answer(cause.message, cause.code);
  if (cause instanceof InputValidationError) {
    const issues = cause.issues.map((issue) => ({ message: issue.message, path: issuePath(issue.path) }));
    return answer(issues.map((issue) => issue.message).join("; "), "BAD_USER_INPUT", { issues });
  }
  if (cause instanceof PothosValidationError) return answer(cause.message, "BAD_USER_INPUT");
  if (isDiskFull(cause)) return answer(DISK_FULL, "DISK_FULL");
  if (isPrismaNotFound(cause)) return answer("not found (was it deleted a moment ago?)", "NOT_FOUND");
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

const issuePath = (path: readonly (PropertyKey | { key: PropertyKey })[] | undefined): string =>
  (path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");

const isPrismaNotFound = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === "P2025";
