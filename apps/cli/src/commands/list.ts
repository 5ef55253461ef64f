import { bundledModels } from "@recallscope/engine";
import type { Command } from "commander";
import { MODELS_FOLDER } from "../environment.ts";
import { table } from "../output/table.ts";
import { minute } from "../output/time.ts";
import { findConnection, namedServer, type ServerFlags, withServer } from "../store/connection.ts";
import { type Listed, listOfServer } from "../store/list-of-server.ts";
import { prepareStore } from "../store/prepare.ts";
import { findTask, taskSlugs } from "../tasks.ts";

export const listCommand = (program: Command): void => {
  withServer(program.command("list"))
    .description(
      "print the models and tasks that come with this copy; with --server, those of the server, and its newest runs",
    )
    .action(async (_: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ServerFlags>();
      process.stdout.write(`${namedServer(flags) === null ? await listHere() : await listThere(flags)}\n`);
    });
};

async function listHere(): Promise<string> {
  const tasks = await Promise.all((await taskSlugs()).map(findTask));
  const models = await bundledModels(MODELS_FOLDER);
  return [
    modelTable(models),
    taskTable(
      tasks.map(({ task, slug }) => ({ slug: slug!, title: task.title, factCount: task.facts.length })),
    ),
  ].join("\n\n");
}

async function listThere(flags: ServerFlags): Promise<string> {
  await prepareStore();
  const { models, tasks, runs, runCount } = await listOfServer((await findConnection(flags))!);
  const rows = runs.map(({ key, model, task, settings, status, createdAt }) => [
    key,
    model.name,
    task.slug,
    String(settings.shots),
    status.toLowerCase(),
    minute(createdAt),
  ]);
  return [
    modelTable(models.map(({ name }) => name)),
    taskTable(tasks),
    `${table(["run", "model", "task", "shots", "status", "asked for (UTC)"], rows, { left: 6 })}\n${rows.length} of ${runCount} runs shown, newest first`,
  ].join("\n\n");
}

const modelTable = (names: readonly string[]): string =>
  table(
    ["model"],
    names.map((name) => [name]),
  );
const taskTable = (tasks: Listed["tasks"]): string =>
  table(
    ["task", "title", "facts"],
    tasks.map(({ slug, title, factCount }) => [slug, title, String(factCount)]),
  );
