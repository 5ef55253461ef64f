import { existsSync } from "node:fs";
import path from "node:path";
import { badInput } from "../failure.ts";
import type { EngineFlags } from "../with-engine.ts";
import type { Connection } from "./connection.ts";

/** A model as a server is asked for it: a folder here is one there only when the server runs on this machine. */
export const modelThere = ({ remote }: Connection, model: string): string =>
  !remote && existsSync(path.join(model, "config.json")) ? path.resolve(model) : model;

/** @throws EngineError BAD_INPUT for `--device`, which the server decides */
export function refuseDevice({ url }: Connection, { device }: EngineFlags): void {
  if (device !== undefined)
    throw badInput(
      `option --device: the server at ${url} computes studies on what its workers have (start it with RECALLSCOPE_DEVICE=${device}, or stop it to compute here)`,
    );
}

/** @throws EngineError BAD_INPUT for the file of a task, which the server does not have */
export function refuseTaskFile({ url, remote }: Connection, task: string): void {
  if (/[\\/]|\.json$/.test(task))
    throw badInput(
      remote
        ? `task file ${task}: the server at ${url} runs the tasks that it knows (give the name of one, see \`list --server ${url}\`)`
        : `task file ${task}: the server at ${url} holds the store and knows the tasks of tasks/ only (put the file there, or stop the server)`,
    );
}
