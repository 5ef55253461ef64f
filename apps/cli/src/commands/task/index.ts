import type { Command } from "commander";
import { taskCheckCommand } from "./check.ts";
import { taskExportCommand } from "./export.ts";
import { taskImportCommand } from "./import.ts";

export const taskCommand = (program: Command): void => {
  const task = program.command("task").description("check tasks, and bring them in and out");
  for (const add of [taskCheckCommand, taskImportCommand, taskExportCommand]) add(task);
};
