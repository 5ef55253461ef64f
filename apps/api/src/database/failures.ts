/**
 * What stands behind a failure of the database client: its own code (P1001, ...), and the driver's or PostgreSQL's, which it wraps in
 * one layer or in several.
 */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let inner: unknown = error, depth = 0; inner && typeof inner === "object" && depth < 8; depth++) {
    const { code, originalCode, kind, cause, meta } = inner as Record<string, unknown>;
    for (const text of [code, originalCode, kind]) if (typeof text === "string") codes.push(text);
    inner = cause ?? (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError;
  }
  return codes;
}

const UNREACHABLE = new Set([
  ...["P1001", "P1002", "P1008", "P1017", "P2024", "P2028"],
  ...["DatabaseNotReachable", "ConnectionClosed", "SocketTimeout", "TooManyConnections"],
  ...[
    "ECONNREFUSED",
    "ECONNRESET",
    "EPIPE",
    "ETIMEDOUT",
    "ENOTFOUND",
    "EAI_AGAIN",
    "EHOSTUNREACH",
    "ENETUNREACH",
  ],
  // Of PostgreSQL: shutting down, crashed, starting, too many connections, statement cut off by its time limit.
  ...["57P01", "57P02", "57P03", "53300", "57014", "08000", "08003", "08006"],
]);
const CUT =
  /Connection terminated|timeout exceeded when trying to connect|Query read timeout|server closed the connection/i;

/** Whether the database did not answer, or not in time: the same request may work in a moment. */
export const isUnreachable = (error: unknown): boolean =>
  codesOf(error).some((code) => UNREACHABLE.has(code)) ||
  messagesOf(error).some((message) => CUT.test(message));

/** Whether a text was given that no text column can hold or be compared with: one with U+0000. */
export const isUnstorable = (error: unknown): boolean =>
  codesOf(error).includes("22021") ||
  messagesOf(error).some((message) => /invalid byte sequence for encoding "UTF8": 0x00/.test(message));

function messagesOf(error: unknown): string[] {
  const messages: string[] = [];
  for (let inner: unknown = error, depth = 0; inner instanceof Error && depth < 8; depth++) {
    messages.push(inner.message);
    inner = inner.cause;
  }
  return messages;
}
