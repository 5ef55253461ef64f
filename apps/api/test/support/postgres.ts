/** A real PostgreSQL of the test's own, in a temporary folder: Debian's package, or any whose programs are on the PATH. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { chownSync, existsSync, readdirSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import pg from "pg";

const DEBIAN = "/usr/lib/postgresql";

/** Folder of initdb, postgres, pg_dump, ...; null where PostgreSQL is not installed. */
export const postgresPrograms: string | null = findPrograms();

export interface PostgresServer {
  /** Address of one of its databases. */
  url(database?: string): string;
  /** Makes an empty database. @returns its address */
  createDatabase(name: string): Promise<string>;
  /** Starts it again after `stop`, on the same port. */
  start(): Promise<void>;
  /** SIGINT, a fast shutdown, cuts all connections; SIGKILL goes to every process of it, like a power cut. */
  stop(signal?: "SIGINT" | "SIGKILL"): Promise<void>;
  /** Stops it for good and removes its folder. */
  remove(): Promise<void>;
}

const USER = "recallscope";
const PASSWORD = "password-of-the-test";
const STILL_HELD = "pre-existing shared memory block";

/**
 * Makes and starts a server on the loopback address.
 * @param settings lines of postgresql.conf, e.g. `{ fsync: "off" }`
 */
export async function startPostgres(settings: Record<string, string> = {}): Promise<PostgresServer> {
  if (postgresPrograms === null) throw new Error("PostgreSQL is not installed (apt-get install postgresql)");
  const owner = ownerOfProcesses();
  const folder = await mkdtemp(path.join(os.tmpdir(), "recallscope-postgres-"));
  if (owner) chownSync(folder, owner.uid, owner.gid);
  const data = path.join(folder, "data");
  const options = { ...owner, cwd: folder };
  const initdb = path.join(postgresPrograms, "initdb");
  await promisify(execFile)(
    initdb,
    ["-D", data, "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
    options,
  );
  const port = await freePort();
  const given = Object.entries({
    listen_addresses: "127.0.0.1",
    unix_socket_directories: folder,
    ...settings,
  });
  const args = [
    "-D",
    data,
    "-p",
    String(port),
    ...given.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
  const url = (database = "postgres") => `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/${database}`;
  let child: ChildProcess | null = null;
  let log = "";

  const launch = (): ChildProcess => {
    const own = spawn(path.join(postgresPrograms!, "postgres"), args, {
      ...options,
      stdio: ["ignore", "ignore", "pipe"],
    });
    child = own;
    // A test that is broken off must not leave a server behind.
    const end = () => void own.kill("SIGQUIT");
    process.once("exit", end);
    own.once("exit", () => process.off("exit", end));
    own.stderr!.on("data", (part: Buffer) => {
      log = `${log}${part}`.slice(-10_000);
    });
    return own;
  };

  const server: PostgresServer = {
    url,
    createDatabase: async (name) => {
      await query(url(), `create database "${name}"`);
      return url(name);
    },
    start: async () => {
      const until = Date.now() + 60_000;
      let own = launch();
      while (!(await answers(url()))) {
        if (own.exitCode !== null) {
          // A process of the killed server may outlive it by a moment, and holds its memory.
          if (!log.includes(STILL_HELD) || Date.now() > until)
            throw new Error(`PostgreSQL did not start:\n${log}`);
          log = "";
          own = launch();
        }
        if (Date.now() > until) throw new Error(`PostgreSQL did not start within a minute:\n${log}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    stop: async (signal = "SIGINT") => {
      const own = child;
      if (!own || own.exitCode !== null || own.signalCode !== null) return;
      const gone = new Promise((resolve) => own.once("exit", resolve));
      if (signal === "SIGKILL") for (const pid of await childrenOf(own.pid!)) killIfThere(pid);
      own.kill(signal);
      await gone;
      child = null;
    },
    remove: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

/** A process that ended between being listed and being killed is what was wanted. */
const answers = (url: string): Promise<boolean> =>
  query(url, "select 1").then(
    () => true,
    () => false,
  );

function killIfThere(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** One statement on a connection of its own. */
export async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  // A server that goes away afterwards is no error of the test.
  client.on("error", () => {});
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

function findPrograms(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const places = [
    ...versions.map((version) => path.join(DEBIAN, version, "bin")),
    ...(process.env.PATH ?? "").split(path.delimiter),
  ];
  return (
    places.find((place) => ["initdb", "postgres"].every((name) => existsSync(path.join(place, name)))) ?? null
  );
}

/** PostgreSQL refuses to run as root: it then runs as the user that its package makes, or as nobody. */
function ownerOfProcesses(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ["postgres", "nobody"]) {
    try {
      const id = (flag: string) =>
        Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {}
  }
  throw new Error("PostgreSQL does not run as root, and there is no user postgres or nobody");
}

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter(Boolean).map(Number);
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
