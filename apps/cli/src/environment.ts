import path from "node:path";
import { fileURLToPath } from "node:url";

const env = process.env;

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
export const MODELS_FOLDER = path.join(ROOT, "models");
export const TASKS_FOLDER = path.join(ROOT, "tasks");

/** Cache, token, address and offline switch of the Hugging Face hub, by the hub's own rules. */
export const readHubEnvironment = async () => (await import("@recallscope/engine")).hubEnvironment(env);

/** Where unpacked weights of GGUF files are kept. */
export const readWeightsFolder = async () => (await import("@recallscope/engine")).weightsFolderOf(env);

/** The server that commands work through, and what opens it. */
export const SERVER_ENVIRONMENT: Readonly<{ server?: string; token?: string }> = {
  ...(env.RECALLSCOPE_SERVER && { server: env.RECALLSCOPE_SERVER }),
  ...(env.RECALLSCOPE_TOKEN && { token: env.RECALLSCOPE_TOKEN }),
};

/** Stack traces are shown only on request. */
export const DEBUG = Boolean(env.RECALLSCOPE_DEBUG);
