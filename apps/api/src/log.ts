import pino, { type DestinationStream, type Logger } from "pino";
import { redact } from "./secrets.ts";

/** The log of this process: JSON lines on stderr, whatever they are about without secrets. */
export const createLog = (
  level: string,
  destination: DestinationStream = pino.destination({ dest: 2, sync: true }),
): Logger =>
  pino(
    { level, serializers: { error: pino.stdSerializers.err }, hooks: { streamWrite: redact } },
    destination,
  );
