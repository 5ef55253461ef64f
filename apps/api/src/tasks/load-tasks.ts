import { readdir } from "node:fs/promises";
import path from "node:path";
import { loadTask } from "@recallscope/engine";
import type { PrismaClient } from "../generated/prisma/client.ts";
import { storeTask } from "./store-task.ts";

/** Brings the task files of a folder into the store. @returns one line per file that cannot be used; the others are there */
export async function loadTasks(prisma: PrismaClient, folder: string): Promise<string[]> {
  const problems: string[] = [];
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  for (const file of files) {
    try {
      const task = await loadTask(path.join(folder, file));
      await prisma.$transaction((tx) => storeTask(tx, task, { makeCurrent: true }));
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return problems;
}
