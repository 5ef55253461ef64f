import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import {
  DEFAULT_DEVICE,
  DEVICE_CHOICES,
  type DeviceChoice,
  type HubEnvironment,
  hubEnvironment,
  weightsFolderOf,
} from "@recallscope/engine";
import { z } from "zod";
import { ApiError, errnoOf } from "./errors.ts";
import { keepSecret, redact } from "./secrets.ts";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");

/** Everything the platform reads from its surroundings. */
export interface Config {
  port: number;
  host: string;
  /** Further names this server may be called by in a browser's address bar (reverse proxies). */
  allowedHosts: string[];
  /** Folder of the embedded database, its lock and the running server's address. */
  dataFolder: string;
  /** PostgreSQL; null for the embedded database. */
  databaseUrl: string | null;
  modelsFolder: string;
  /** Folders that hold the models which the API may open by path; null: any folder of this machine. */
  modelFolders: readonly string[] | null;
  /** Whether every request needs a token, or those without one are this machine's own user. */
  tokensRequired: boolean;
  /** Requests of one token in a minute; 0: any number. */
  requestsPerMinute: number;
  /** Whether this process answers live questions about prompts. */
  live: boolean;
  /** What live questions of one asker may cost in a minute, in interventions; 0: any number. */
  livePerMinute: number;
  tasksFolder: string;
  /** Whether an empty store begins with a run of each bundled model, so that there is something to see. */
  firstRuns: boolean;
  worker: WorkerConfig;
  /** Folder of the built dashboard. */
  webFolder: string;
  /** Cache, token, address and offline switch of the Hugging Face hub. */
  hub: HubEnvironment;
  /** Where unpacked weights of GGUF files are kept. */
  weightsFolder: string;
  logLevel: string;
}

/** How this process computes runs. */
export interface WorkerConfig {
  /** Whether it does at all: a server may leave that to workers on other machines. */
  enabled: boolean;
  name: string;
  /** Bytes that runs may take, where somebody has said so; null: nobody has. */
  memory: number | null;
  /** Threads of the arithmetic; null: all cores. */
  threads: number | null;
  device: DeviceChoice;
}

const LOOPBACK = ["127.0.0.1", "localhost", "::1"];
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

const MEMORY = "allowed: 2 or more gigabytes";
const THREADS = "allowed: 1 to 1024 threads";

const schema = z.object({
  PORT: z.coerce.number({ error: "allowed: 1 to 65535" }).int().min(1).max(65535).default(3000),
  HOST: z.string().default("127.0.0.1"),
  RECALLSCOPE_ACCESS: z.enum(["open", "token"], { error: "allowed: open, token" }).optional(),
  RECALLSCOPE_RATE_LIMIT: z.coerce
    .number({ error: "allowed: 0 (any number) to 1000000 requests of one token in a minute" })
    .int()
    .min(0)
    .max(1_000_000)
    .default(1_200),
  RECALLSCOPE_LIVE: z.enum(["on", "off"], { error: "allowed: on, off" }).default("on"),
  RECALLSCOPE_LIVE_RATE_LIMIT: z.coerce
    .number({ error: "allowed: 0 (any number) to 1000000 interventions of one asker in a minute" })
    .int()
    .min(0)
    .max(1_000_000)
    .default(900),
  RECALLSCOPE_FIRST_RUNS: z.enum(["on", "off"], { error: "allowed: on, off" }).default("on"),
  RECALLSCOPE_WORKER: z.enum(["on", "off"], { error: "allowed: on, off" }).default("on"),
  RECALLSCOPE_WORKER_NAME: z
    .string()
    .max(100, { error: "allowed: 1 to 100 characters" })
    .default(`${os.hostname()}:${process.pid}`),
  RECALLSCOPE_MEMORY: z.coerce.number({ error: MEMORY }).min(2, { error: MEMORY }).optional(),
  RECALLSCOPE_THREADS: z.coerce
    .number({ error: THREADS })
    .int({ error: THREADS })
    .min(1)
    .max(1024)
    .optional(),
  RECALLSCOPE_DEVICE: z
    .enum(DEVICE_CHOICES, { error: `allowed: ${DEVICE_CHOICES.join(", ")}` })
    .default(DEFAULT_DEVICE),
  RECALLSCOPE_MODEL_FOLDERS: z.string().optional(),
  RECALLSCOPE_ALLOWED_HOSTS: z.string().default(""),
  RECALLSCOPE_DATA: z.string().min(1).default(path.join(ROOT, ".recallscope")),
  DATABASE_URL: z
    .string()
    .refine((url) => /^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url), {
      error: "allowed: postgresql://user:password@host:5432/database",
    })
    .optional(),
  DATABASE_PASSWORD_FILE: z.string().optional(),
  HF_ENDPOINT: z.url({ protocol: /^https?$/, error: "allowed: https://host" }).optional(),
  HF_HUB_OFFLINE: z.stringbool().default(false),
  LOG_LEVEL: z.enum(LOG_LEVELS).default("warn"),
});

/** @throws ApiError BAD_ENVIRONMENT naming each variable that cannot be used */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const result = schema.safeParse(set);
  if (!result.success) {
    const problems = result.error.issues.map(({ path: [name], message }) => {
      const value = name === "DATABASE_URL" ? "" : ` is "${env[String(name)]}"`;
      return `environment variable ${String(name)}${value}: ${message}`;
    });
    throw new ApiError("BAD_ENVIRONMENT", redact(problems.join("\n")));
  }
  const values = result.data;
  const hub = hubEnvironment(set);
  keepSecret(hub.token);
  const databaseUrl = withPassword(values.DATABASE_URL, values.DATABASE_PASSWORD_FILE);
  for (const password of passwordsOf(databaseUrl ?? undefined)) keepSecret(password);
  const local = LOOPBACK.includes(values.HOST);
  const tokensRequired = (values.RECALLSCOPE_ACCESS ?? (local ? "open" : "token")) === "token";
  if (!local && !tokensRequired) {
    throw new ApiError(
      "BAD_ENVIRONMENT",
      `environment variable RECALLSCOPE_ACCESS is "open": allowed on 127.0.0.1 only, and HOST is "${values.HOST}": leave it out, and make tokens with \`npx recallscope token create\``,
    );
  }
  return {
    port: values.PORT,
    host: values.HOST,
    allowedHosts: hostNames(values.RECALLSCOPE_ALLOWED_HOSTS, values.HOST),
    tokensRequired,
    requestsPerMinute: values.RECALLSCOPE_RATE_LIMIT,
    live: values.RECALLSCOPE_LIVE === "on",
    livePerMinute: values.RECALLSCOPE_LIVE_RATE_LIMIT,
    modelFolders: folderList(values.RECALLSCOPE_MODEL_FOLDERS, tokensRequired),
    dataFolder: path.resolve(values.RECALLSCOPE_DATA),
    databaseUrl,
    modelsFolder: path.join(ROOT, "models"),
    tasksFolder: path.join(ROOT, "tasks"),
    firstRuns: values.RECALLSCOPE_FIRST_RUNS === "on",
    worker: {
      enabled: values.RECALLSCOPE_WORKER === "on",
      name: values.RECALLSCOPE_WORKER_NAME,
      memory: values.RECALLSCOPE_MEMORY === undefined ? null : values.RECALLSCOPE_MEMORY * 2 ** 30,
      threads: values.RECALLSCOPE_THREADS ?? null,
      device: values.RECALLSCOPE_DEVICE,
    },
    webFolder: path.join(ROOT, "apps/web"),
    hub,
    weightsFolder: weightsFolderOf(set),
    logLevel: values.LOG_LEVEL,
  };
}

/** Names a browser may call this server by; a fixed address of this machine is one of them. */
function hostNames(list: string, host: string): string[] {
  const own = /^(?:0\.0\.0\.0|::)$/.test(host) ? [] : [host.includes(":") ? `[${host}]` : host];
  return [...list.split(/[\s,]+/).filter(Boolean), ...own].map((name) => name.toLowerCase());
}

/** Without a list: anything this machine's own user can read, and only the bundled models for everybody else. */
const folderList = (list: string | undefined, tokensRequired: boolean): string[] | null =>
  list === undefined
    ? tokensRequired
      ? []
      : null
    : list
        .split(path.delimiter)
        .filter(Boolean)
        .map((folder) => path.resolve(folder));

/** The address of the database, with the password of a file that holds nothing else, such as a secret of Docker. */
function withPassword(url: string | undefined, file: string | undefined): string | null {
  if (url === undefined || file === undefined) return url ?? null;
  const refuse = (problem: string) =>
    new ApiError("BAD_ENVIRONMENT", `environment variable DATABASE_PASSWORD_FILE is "${file}": ${problem}`);
  let password: string;
  try {
    password = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw refuse(`cannot be read (${errnoOf(error)})`);
  }
  if (password === "") throw refuse("empty: write the password into it, on one line");
  const address = new URL(url);
  if (address.password !== "") throw refuse("DATABASE_URL has a password, too: leave one of them out");
  address.password = encodeURIComponent(password);
  return address.href;
}

/** As they are written in the address, before the host or among its parameters, and as they are. */
function passwordsOf(url: string | undefined): string[] {
  if (url === undefined || !URL.canParse(url)) return [];
  const { password, searchParams } = new URL(url);
  const passwords = [password, ...searchParams.getAll("password")];
  try {
    return [...passwords, decodeURIComponent(password)];
  } catch {
    return passwords;
  }
}
