import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";
import type { RequestHandler } from "express";
import { staticFiles } from "./static-files.ts";

/** The part of Next that is used here. */
interface NextServer {
  prepare(): Promise<void>;
  close(): Promise<void>;
  getRequestHandler(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}
export interface Web {
  /** Scripts and styles, which anybody may keep for ever: mounted where pages ask for them (`STATIC_PATH`). */
  files: RequestHandler;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

export const STATIC_PATH = "/_next/static";

/** The built dashboard as a request handler of this process; null when it has not been built. */
export async function openWeb(folder: string, address: { host: string; port: number }): Promise<Web | null> {
  if (!existsSync(path.join(folder, ".next/BUILD_ID"))) return null;
  // Next is a dependency of the dashboard, not of this package.
  const next = createRequire(path.join(folder, "package.json"))("next") as (
    options: Record<string, unknown>,
  ) => NextServer;
  const server = next({ dev: false, dir: folder, quiet: true, hostname: address.host, port: address.port });
  await server.prepare();
  const handle = server.getRequestHandler();
  // Next would compress each file anew for each visitor, and not as well as the build has done.
  const files = staticFiles(path.join(folder, ".next/static"));
  return { files, handle: (request, response) => handle(request, response), close: () => server.close() };
}
