import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import type { ExportedComparison, ExportRequest } from "@recallscope/api";
import { type Connection, findConnection, type ServerFlags } from "./connection.ts";
import { reach, refusalOf } from "./server.ts";

/** Runs out of the store and into it, wherever the store is. */
export interface Exports {
  export(run: string, request: ExportRequest): Promise<SentFile>;
  exportComparison(comparison: ExportedComparison, request: ExportRequest): Promise<SentFile>;
  import(file: Uint8Array, options: { force: boolean }): Promise<{ key: string; created: boolean }>;
}
export interface SentFile {
  fileName: string;
  chunks: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;
}

/** Works on the store itself, or through the server that was named or holds it. */
export async function withExports<T>(
  flags: ServerFlags & { quiet?: boolean },
  work: (exports: Exports) => Promise<T>,
): Promise<T> {
  const connection = await findConnection(flags);
  if (connection !== null) return work(await throughServer(connection));
  const { openStore } = await import("@recallscope/api");
  const store = await openStore({ onStep: (line) => flags.quiet || process.stderr.write(`${line} ...\n`) });
  try {
    return await work({
      export: (run, request) => store.exportRun(run, request),
      exportComparison: (comparison, request) => store.exportComparison(comparison, request),
      import: (file, options) => store.importBundle(file, options),
    });
  } finally {
    await store.close();
  }
}

/** The same by HTTP. @throws EngineError with the server's code and message */
export async function throughServer(connection: Connection): Promise<Exports> {
  const { BUNDLE_MEDIA, comparisonAddress, exportPath, exportQuery } = await import("@recallscope/api");
  const fetchFile = async (address: string): Promise<SentFile> => {
    const response = await reach(connection, address);
    if (!response.ok) throw await refusalOf(connection, response);
    return {
      fileName: nameOf(response.headers.get("content-disposition")),
      chunks: Readable.fromWeb(response.body as ReadableStream),
    };
  };
  return {
    export: (run, request) =>
      fetchFile(`/runs/${encodeURIComponent(run)}/${exportPath(request)}${exportQuery(request)}`),
    exportComparison: (comparison, request) => fetchFile(comparisonAddress(comparison, request)),
    import: async (file, { force }) => {
      const response = await reach(connection, `/runs/import?force=${force}`, {
        method: "POST",
        headers: { "content-type": BUNDLE_MEDIA },
        body: file as Uint8Array<ArrayBuffer>,
      });
      if (!response.ok) throw await refusalOf(connection, response);
      return (await response.json()) as { key: string; created: boolean };
    },
  };
}

function nameOf(disposition: string | null): string {
  const name = /filename="?([^";/\\]+)"?/.exec(disposition ?? "")?.[1];
  if (name === undefined) throw new Error(`server: sent a file without a name (${disposition})`);
  return name;
}
