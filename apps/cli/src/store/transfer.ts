import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { ExportRequest } from "@recallscope/api";
import { EngineError, type ErrorCode } from "@recallscope/engine";
import { bearer, reach } from "./server.ts";

/** Runs out of the store and into it, wherever the store is. */
export interface Exports {
  export(run: string, request: ExportRequest): Promise<{ fileName: string; chunks: Chunks }>;
  import(file: Uint8Array, options: { force: boolean }): Promise<{ key: string; created: boolean }>;
}
export type Chunks = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** Works on the store itself, or through the server that holds it. */
export async function withExports<T>(
  { quiet }: { quiet?: boolean },
  work: (exports: Exports) => Promise<T>,
): Promise<T> {
  const { findOwnerKey, findServer, openStore } = await import("@recallscope/api");
  const server = await findServer();
  if (server !== null) return work(await throughServer(server, await findOwnerKey()));
  const store = await openStore({ onStep: (line) => quiet || process.stderr.write(`${line} ...\n`) });
  try {
    return await work({
      export: (run, request) => store.exportRun(run, request),
      import: (file, options) => store.importBundle(file, options),
    });
  } finally {
    await store.close();
  }
}

/** The same by HTTP. @throws EngineError with the server's code and message */
export async function throughServer(url: string, token: string | null): Promise<Exports> {
  const { BUNDLE_MEDIA, exportPath, exportQuery } = await import("@recallscope/api");
  return {
    export: async (run, request) => {
      const address = `${url}/runs/${encodeURIComponent(run)}/${exportPath(request)}${exportQuery(request)}`;
      const response = await reach(address, { headers: bearer(token) });
      if (!response.ok) throw await refusal(response);
      return {
        fileName: nameOf(response.headers.get("content-disposition")),
        chunks: Readable.fromWeb(response.body as ReadableStream),
      };
    },
    import: async (file, { force }) => {
      const response = await reach(`${url}/runs/import?force=${force}`, {
        method: "POST",
        headers: { "content-type": BUNDLE_MEDIA, ...bearer(token) },
        body: file as Uint8Array<ArrayBuffer>,
      });
      if (!response.ok) throw await refusal(response);
      return (await response.json()) as { key: string; created: boolean };
    },
  };
}

function nameOf(disposition: string | null): string {
  const name = /filename="?([^";/\\]+)"?/.exec(disposition ?? "")?.[1];
  if (name === undefined) throw new Error(`server: sent a file without a name (${disposition})`);
  return name;
}

async function refusal(response: Response): Promise<Error> {
  const body = (await response.json().catch(() => null)) as {
    errors?: { message: string; extensions?: { code?: string } }[];
  } | null;
  const first = body?.errors?.[0];
  return first
    ? new EngineError((first.extensions?.code ?? "ENGINE_FAILED") as ErrorCode, first.message)
    : new Error(`server ${new URL(response.url).origin}: HTTP ${response.status}`);
}
