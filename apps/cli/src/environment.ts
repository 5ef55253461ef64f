import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const env = process.env;

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../..");
export const MODELS_FOLDER = path.join(ROOT, "models");
export const TASKS_FOLDER = path.join(ROOT, "tasks");

/** Where downloads of the Hugging Face hub are kept, by the hub's own rules. */
export const HUB_CACHE =
  env.HF_HUB_CACHE ?? path.join(env.HF_HOME ?? path.join(os.homedir(), ".cache/huggingface"), "hub");
export const HUB_TOKEN = env.HF_TOKEN;
/** Never ask the network; the hub's own switch. */
export const HUB_OFFLINE = ["1", "true", "yes", "on"].includes((env.HF_HUB_OFFLINE ?? "").toLowerCase());

/** Stack traces are shown only on request. */
export const DEBUG = Boolean(env.RECALLSCOPE_DEBUG);
