import { type Task, taskHash } from "@recallscope/engine";
import type { Actor } from "../access/actor.ts";
import { refuseOthers } from "../access/own.ts";
import { Refusal } from "../access/refusal.ts";
import { fromJson } from "../results/json.ts";
import type { Tx } from "../services.ts";

/** What storing a task would mean. */
export type TaskOutcome = "NEW" | "NEW_VERSION" | "UNCHANGED" | "REFUSED";

export interface Judged {
  outcome: TaskOutcome;
  /** With the version it gets: one above the last one of its slug where that asks something else. */
  task: Task;
  /** Why it is REFUSED. */
  refused: string | null;
}

/** Holds a task against those of its slug. */
export async function judgeTask(tx: Tx, task: Task, actor: Actor): Promise<Judged> {
  const versions = await tx.task.findMany({
    where: { slug: task.id },
    select: { hash: true, current: true, origin: true, content: true, createdById: true },
  });
  const current = versions.find((row) => row.current);
  const refuse = (refused: string): Judged => ({ outcome: "REFUSED", task, refused });
  if (current?.origin === "BUNDLED") return refuse("comes with this copy: choose another id");
  if (current)
    try {
      refuseOthers(actor, current.createdById, `task ${task.id}`, "to change it");
    } catch (error) {
      if (error instanceof Refusal) return refuse(`${error.message}, or another id`);
      throw error;
    }
  const numbers = versions.map(({ content }) => fromJson<Task>(content).version);
  const same = numbers
    .map((version) => ({ ...task, version }))
    .find((known) => versions.some(({ hash }) => hash === taskHash(known)));
  const outcome = current ? "NEW_VERSION" : "NEW";
  if (same)
    return {
      outcome: current?.hash === taskHash(same) ? "UNCHANGED" : outcome,
      task: same,
      refused: null,
    };
  const version = Math.max(task.version, ...numbers.map((number) => number + 1));
  return { outcome, task: { ...task, version }, refused: null };
}
