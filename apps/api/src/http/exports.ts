import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ENGINE_VERSION } from "@recallscope/engine";
import { type Request, type Response, Router } from "express";
import { isAtLeast } from "../access/actor.ts";
import { audited } from "../access/audit.ts";
import { forbidden } from "../access/refusal.ts";
import { ApiError } from "../errors.ts";
import {
  type ExportedFile,
  type ExportRequest,
  exportComparison,
  exportPath,
  exportQuery,
  exportRun,
  importBundle,
  MAX_BUNDLE,
  parseComparison,
  parseExport,
  readComparison,
} from "../exports/index.ts";
import { findRun } from "../runs/find-run.ts";
import { encodeId, runIdOf } from "../schema/ids.ts";
import type { Services } from "../services.ts";
import { bundleBody } from "./bundle-body.ts";
import { actorOf } from "./identity.ts";

/** Raised when the same export of the same run gives other bytes than before. */
const FORM = 2;
/** As events call it. */
const IMPORT = "importRun";

/**
 * Runs as files: `GET /runs/ID/report.json`, `arrays.safetensors`, `run.bundle`, `tables.tex`, `tables/NAME.EXT`,
 * `figures/ANALYSIS/FIGURE.EXT`; `GET /comparisons/tables.tex` and `tables/NAME.EXT?runs=A,B&axis=MODEL` or `?saved=NAME`; and `POST /runs/import`
 * with a bundle.
 */
export function exportRoutes({ prisma, bus }: Services): Router {
  const routes = Router();
  const send = async (request: Request, response: Response, rest: readonly string[]) => {
    const query = new URL(request.originalUrl, "http://localhost").searchParams;
    const asked = parseExport(rest, query);
    const run = await findRun(prisma, runIdOf(String(request.params.id)));
    if (run.status === "SUCCEEDED" && isKnown(request, response, [run.id], asked)) return;
    await sendFile(request, response, await exportRun(prisma, run, asked));
  };
  const sendComparison = async (request: Request, response: Response, rest: readonly string[]) => {
    const query = new URL(request.originalUrl, "http://localhost").searchParams;
    const asked = parseExport(rest, query);
    const comparison = await readComparison(prisma, parseComparison(query));
    // Found before anything is computed: a comparison is of finished runs, which never change.
    if (isKnown(request, response, [comparison.request()], asked)) return;
    await sendFile(request, response, await exportComparison(comparison, asked));
  };
  routes.get("/comparisons/tables.tex", (request, response) =>
    sendComparison(request, response, ["tables.tex"]),
  );
  routes.get("/comparisons/tables/:table", (request, response) =>
    sendComparison(request, response, ["tables", String(request.params.table)]),
  );
  for (const path of ["/runs/:id/:file", "/runs/:id/tables/:table", "/runs/:id/figures/:analysis/:figure"])
    routes.get(path, async (request, response, next) => {
      const { file, table, analysis, figure } = request.params as Record<string, string>;
      if (file !== undefined && !file.includes(".")) return next();
      const rest =
        file !== undefined
          ? [file]
          : table !== undefined
            ? ["tables", table]
            : ["figures", analysis!, figure!];
      await send(request, response, rest);
    });

  // The type is none that a page of another site may send without asking first, and the answer to that question is no.
  routes.post(
    "/runs/import",
    refuseReaders(prisma),
    ...bundleBody(MAX_BUNDLE),
    async (request: Request, response: Response) => {
      const force = readForce(request.query.force);
      const { id, key, created } = await audited(
        prisma,
        { actor: actorOf(request), action: IMPORT, subject: null },
        () => importBundle(prisma, request.body as Buffer, { force, createdById: actorOf(request).id }),
        (run) => run.key,
      );
      if (created) bus.publish({ runId: id, kind: "status" });
      response.status(created ? 201 : 200).json({ id: encodeId("Run", id), key, created });
    },
  );
  return routes;
}

async function sendFile(request: Request, response: Response, { fileName, mediaType, chunks }: ExportedFile) {
  response.attachment(fileName).set("Content-Type", mediaType);
  if (request.method === "HEAD") return void response.end();
  await pipeline(Readable.from(chunks), response);
}

/**
 * Gives a file its tag, and answers whoever has it already. What is stored of a finished run never changes, so that what a file is
 * of, and its form, decide every byte.
 */
function isKnown(
  request: Request,
  response: Response,
  source: readonly unknown[],
  asked: ExportRequest,
): boolean {
  const etag = etagOf(source, asked);
  response.set({ ETag: etag, "Cache-Control": "private, no-cache" });
  if (!hasAlready(request, etag)) return false;
  response.status(304).end();
  return true;
}

const etagOf = (source: readonly unknown[], asked: ExportRequest): string => {
  const parts = [FORM, ENGINE_VERSION, ...source, exportPath(asked), exportQuery(asked)];
  return `"${createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32)}"`;
};

/** Not Express's own `fresh`: that one never holds for programs whose `fetch` adds `Cache-Control: no-cache`. */
const hasAlready = (request: Request, etag: string): boolean =>
  (request.get("if-none-match") ?? "").split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);

function readForce(text: unknown): boolean {
  if (text === undefined || text === "false") return false;
  if (text === "true") return true;
  throw new ApiError("BAD_USER_INPUT", `force ${String(text)}: allowed are true and false`);
}

/** Before the body is read: who may not write need not send a gigabyte. Written down like every refused deed. */
const refuseReaders =
  (prisma: Services["prisma"]) => async (request: Request, _response: Response, next: () => void) => {
    const actor = actorOf(request);
    if (!isAtLeast(actor, "WRITE"))
      await audited(prisma, { actor, action: IMPORT, subject: null }, async () => {
        throw forbidden(
          `${IMPORT}: needs the role write, and token ${actor.name} has ${actor.role.toLowerCase()}: ask an admin for another token`,
        );
      });
    next();
  };
