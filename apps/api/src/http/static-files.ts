import type { Readable } from "node:stream";
import type { RequestHandler } from "express";
import sirv from "sirv";

const YEAR_S = 365 * 24 * 3600;

/** Files whose names change with their content, compressed by the build: those that are there now. */
export function staticFiles(folder: string): RequestHandler {
  const files = sirv(folder, { brotli: true, gzip: true, etag: true, immutable: true, maxAge: YEAR_S });
  return (request, response, next) => {
    // Nothing else listens: a file that another version's installation took away would end the process, and its runs.
    response.once("pipe", (source: Readable) => source.once("error", () => response.destroy()));
    files(request, response, next);
  };
}
