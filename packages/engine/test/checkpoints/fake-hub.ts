import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export const COMMIT = "c".repeat(40);
export const PULL_COMMIT = "d".repeat(40);

export const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
export const gitHash = (bytes: Buffer) =>
  createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");

/** One request as the hub or its content host saw it. */
export interface Seen {
  host: "hub" | "cdn";
  path: string;
  range: string | null;
  token: string | null;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A hub with one repository `owner/name`, which speaks the endpoints of huggingface.co on the loopback address. */
export class FakeHub {
  files: Record<string, Buffer> = {};
  /** Files of refs/pr/3, which the hub lists as an open pull request when there are any. */
  pullRequest: Record<string, Buffer> = {};
  /** Large files lie on another host, as on the hub. */
  redirects = false;
  /** Looked at before anything else; true: it has answered. */
  intercept: Answer | null = null;
  /** Changes what is sent of a file, and how. */
  send: ((name: string, bytes: Buffer, response: ServerResponse) => boolean) | null = null;
  ignoresRange = false;
  announced: string | null = null;
  /** Milliseconds between pieces of 10,000 bytes. */
  slowness = 0;
  seen: Seen[] = [];
  url = "";
  private cdnUrl = "";
  private readonly servers: Server[] = [];

  async start(): Promise<void> {
    this.url = await this.listen("hub", (request, response) => this.answer(request, response));
    this.cdnUrl = await this.listen("cdn", (request, response) =>
      this.sendFile(request, response, request.url!.slice(1)),
    );
  }

  stop(): void {
    for (const server of this.servers) server.close();
  }

  reset(files: Record<string, Buffer>): void {
    Object.assign(this, { pullRequest: {}, redirects: false, intercept: null, send: null, slowness: 0 });
    Object.assign(this, { files: { ...files }, ignoresRange: false, announced: null, seen: [] });
  }

  /** Requests for the content of a file, in order: the range asked, or "all". */
  asked(name: string): string[] {
    return this.seen.filter(({ path }) => path.endsWith(`/${name}`)).map(({ range }) => range ?? "all");
  }

  private async listen(
    host: Seen["host"],
    handle: (request: IncomingMessage, response: ServerResponse) => void,
  ): Promise<string> {
    const server = createServer((request, response) => {
      const { range = null, authorization = null } = request.headers;
      const { pathname } = new URL(request.url!, "http://hub");
      this.seen.push({ host, path: decodeURIComponent(pathname), range, token: authorization });
      if (!this.intercept?.(request, response)) handle(request, response);
    });
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  private answer(request: IncomingMessage, response: ServerResponse): unknown {
    const path = decodeURIComponent(new URL(request.url!, "http://hub").pathname);
    const repository = "/api/models/owner/name";
    if (path === `${repository}/revision/main`) return model(response, COMMIT);
    if (path === `${repository}/revision/refs/pr/3` && this.pullRequest["config.json"])
      return model(response, PULL_COMMIT);
    if (path.startsWith(`${repository}/revision/`)) return refuse(response, 404, "RevisionNotFound");
    if (path === `${repository}/tree/${COMMIT}`) return this.list(response, this.files);
    if ([`${repository}/tree/refs/pr/3`, `${repository}/tree/${PULL_COMMIT}`].includes(path))
      return this.list(response, this.pullRequest);
    if (path === `${repository}/discussions`) {
      const open = { num: 3, title: "Adding `safetensors` variant of this model", isPullRequest: true };
      const other = { num: 4, title: "About safetensors", isPullRequest: false };
      return json(response, {
        discussions: [other, ...(Object.keys(this.pullRequest).length > 0 ? [open] : [])],
      });
    }
    const [, commit, name] = /^\/owner\/name\/resolve\/([cd]{40})\/(.*)$/.exec(path) ?? [];
    if (name === undefined) return refuse(response, 404, "RepoNotFound");
    if (!this.redirects || !isLarge(name)) return this.sendFile(request, response, name, commit);
    const announced = this.announced ?? sha256(this.files[name]!);
    response.writeHead(302, { location: `${this.cdnUrl}/${name}`, "x-linked-etag": `"${announced}"` }).end();
  }

  private list(response: ServerResponse, files: Record<string, Buffer>): void {
    const entries = Object.entries(files).map(([name, bytes]) => ({
      type: "file",
      path: name,
      size: bytes.length,
      oid: gitHash(bytes),
      ...(isLarge(name) && { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 100 } }),
    }));
    json(response, entries);
  }

  private sendFile(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    commit = COMMIT,
  ): unknown {
    const bytes = (commit === COMMIT ? this.files : this.pullRequest)[name];
    if (!bytes) return refuse(response, 404, "EntryNotFound");
    const first = this.ignoresRange ? null : /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
    const rest = bytes.subarray(Number(first ?? 0));
    if (this.send?.(name, rest, response)) return;
    if (Number(first ?? 0) >= bytes.length && bytes.length > 0) {
      return response.writeHead(416).end();
    }
    const range = { "content-range": `bytes ${first}-${bytes.length - 1}/${bytes.length}` };
    response.writeHead(first ? 206 : 200, { "content-length": rest.length, ...(first && range) });
    return this.trickle(response, rest);
  }

  private async trickle(response: ServerResponse, bytes: Buffer): Promise<void> {
    if (this.slowness === 0) {
      response.end(bytes);
      return;
    }
    for (let at = 0; at < bytes.length; at += 10_000) {
      response.write(bytes.subarray(at, at + 10_000));
      await pause(this.slowness);
    }
    response.end();
  }
}

const isLarge = (name: string) => /\.(?:safetensors|bin)$/.test(name);

export function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

export function refuse(
  response: ServerResponse,
  status: number,
  reason?: string,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, {
      "content-type": "application/json",
      ...(reason && { "x-error-code": reason }),
      ...headers,
    })
    .end(JSON.stringify({ error: reason ?? "failed" }));
}

function model(response: ServerResponse, sha: string): void {
  json(response, { _id: "1", id: "owner/name", sha, lastModified: "2026-01-01" });
}
