import { type Attributes, context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type { RequestHandler } from "express";
import { publicFailure } from "./public-failure.ts";

/**
 * Spans of OpenTelemetry, which go nowhere until an SDK is attached to this process (docs/operation.md). Asked for anew each time: the SDK may come
 * later than this module. Attributes are ids and names, never contents.
 */
const tracer = () => trace.getTracer("recallscope");

/** Does something in a span of its own, which an error marks with its code. */
export const traced = <T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> =>
  tracer().startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({
        code: SpanStatusCode.ERROR,
        message: publicFailure(error)?.code ?? "INTERNAL_SERVER_ERROR",
      });
      throw error;
    } finally {
      span.end();
    }
  });

/** A span around the answer to a GraphQL request; `nameOperation` names it when it is known. */
export const tracedRequest: RequestHandler = (_request, response, next) => {
  const span = tracer().startSpan("GraphQL", { kind: SpanKind.SERVER });
  response.on("close", () => span.end());
  context.with(trace.setSpan(context.active(), span), next);
};

/** Says what the request in hand was: names only, a document may hold contents. @param code OK, or that of its first error */
export function nameOperation(kind: string, name: string | null, code: string): void {
  const span = trace.getActiveSpan();
  if (!span) return;
  span.updateName(name === null ? `GraphQL ${kind}` : `GraphQL ${kind} ${name}`);
  span.setAttributes({
    "graphql.operation.type": kind,
    ...(name !== null && { "graphql.operation.name": name }),
  });
  span.setAttribute("recallscope.code", code);
  if (code !== "OK") span.setStatus({ code: SpanStatusCode.ERROR, message: code });
}
