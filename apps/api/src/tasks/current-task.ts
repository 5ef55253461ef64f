import { ApiError } from "../errors.ts";
import type { PrismaClient, Task } from "../generated/prisma/client.ts";

/** The version of a task that new runs ask. @throws ApiError TASK_NOT_FOUND naming the tasks there are */
export async function currentTask(prisma: PrismaClient, slug: string): Promise<Task> {
  const task = await prisma.task.findFirst({ where: { slug, current: true } });
  if (task) return task;
  const slugs = await prisma.task.findMany({
    where: { current: true },
    select: { slug: true },
    orderBy: { slug: "asc" },
  });
  throw new ApiError(
    "TASK_NOT_FOUND",
    `task: ${slug} not found (allowed: ${slugs.map((row) => row.slug).join(", ") || "none is loaded"})`,
  );
}
