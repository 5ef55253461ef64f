import { bundledModels } from "@recallscope/engine";
import type { Command } from "commander";
import { MODELS_FOLDER } from "../environment.ts";
import { table } from "../output/table.ts";
import { findTask, taskSlugs } from "../tasks.ts";

export const listCommand = (program: Command): void => {
  program
    .command("list")
    .description("print the models and tasks that come with this copy")
    .action(async () => {
      const tasks = await Promise.all((await taskSlugs()).map(findTask));
      const taskRows = tasks.map(({ task, slug }) => [slug!, task.title, String(task.facts.length)]);
      process.stdout.write(
        `${table(
          ["model"],
          (await bundledModels(MODELS_FOLDER)).map((name) => [name]),
        )}\n\n${table(["task", "title", "facts"], taskRows)}\n`,
      );
    });
};
