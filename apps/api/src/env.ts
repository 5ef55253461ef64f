import path from "node:path";
import { fileURLToPath } from "node:url";
import { type HubEnvironment, hubEnvironment, weightsFolderOf } from "@recallscope/engine";
import { z } from "zod";
import { ApiError } from "./errors.ts";

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
  tasksFolder: string;
  /** Folder of the built dashboard. */
  webFolder: string;
  /** Cache, token, address and offline switch of the Hugging Face hub. */
  hub: HubEnvironment;
  /** Where unpacked weights of GGUF files are kept. */
  weightsFolder: string;
  logLevel: string;
}

const LOOPBACK = ["127.0.0.1", "localhost", "::1"];
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

const schema = z.object({
  PORT: z.coerce.number({ error: "allowed: 1 to 65535" }).int().min(1).max(65535).default(3000),
  HOST: z
    .string()
    .refine((host) => LOOPBACK.includes(host), {
      error:
        "this server has no sign-in yet, so it answers on this machine only: use 127.0.0.1 and forward the port (ssh -L 3000:localhost:3000)",
    })
    .default("127.0.0.1"),
  RECALLSCOPE_ALLOWED_HOSTS: z.string().default(""),
  RECALLSCOPE_DATA: z.string().min(1).default(path.join(ROOT, ".recallscope")),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(?:ql)?:\/\//, { error: "allowed: postgresql://user:password@host:5432/database" })
    .optional(),
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
    throw new ApiError("BAD_ENVIRONMENT", problems.join("\n"));
  }
  const values = result.data;
  return {
    port: values.PORT,
    host: values.HOST,
    allowedHosts: values.RECALLSCOPE_ALLOWED_HOSTS.split(/[\s,]+/).filter(Boolean),
    dataFolder: path.resolve(values.RECALLSCOPE_DATA),
    databaseUrl: values.DATABASE_URL ?? null,
    modelsFolder: path.join(ROOT, "models"),
    tasksFolder: path.join(ROOT, "tasks"),
    webFolder: path.join(ROOT, "apps/web"),
    hub: hubEnvironment(set),
    weightsFolder: weightsFolderOf(set),
    logLevel: values.LOG_LEVEL,
  };
}
