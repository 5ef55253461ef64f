import { z } from "zod";
import { EngineError } from "../../errors.ts";
import { taskSchema } from "../task.ts";
import type { ImportReport } from "./import-report.ts";
import type { RawTask, TaskFields } from "./raw-task.ts";
import { brief } from "./read-lre.ts";

const { clauses: _c, shot: _s, facts: _f, ...fields } = taskSchema.shape;
const fileSchema = z.looseObject({
  ...z.object(fields).partial().shape,
  clauses: z
    .array(z.object({ id: z.string().optional(), text: z.string(), relation: z.string().optional() }))
    .default([]),
  shot: z.string().optional(),
  facts: z.array(z.unknown()),
});
const factSchema = z.object({
  subject: z.string(),
  answer: z.string(),
  aliases: z.array(z.string()).optional(),
});

/** A file of our own form, perhaps with facts or fields that a task cannot have. @throws EngineError BAD_INPUT */
export function readJsonTask(value: unknown, where: string, report: ImportReport): RawTask {
  const result = fileSchema.safeParse(value);
  if (!result.success)
    throw new EngineError(
      "BAD_INPUT",
      `file ${where}: is no task (${z.prettifyError(result.error).replaceAll("\n", "; ")})`,
    );
  const { clauses, shot, facts, ...rest } = result.data;
  const known: Partial<TaskFields> = {};
  for (const [key, content] of Object.entries(rest))
    if (key in fields) Object.assign(known, { [key]: content });
    else report.dropped.push({ rule: "unknown-field", where: key, what: brief(content) });
  const raw: RawTask = {
    fields: known,
    clauses: clauses.map(({ id, text, relation }, i) => ({
      where: `clauses[${i}]`,
      text,
      ...(id && { id }),
      ...(relation && { relation }),
    })),
    ...(shot !== undefined && { shot }),
    facts: [],
  };
  for (const [i, fact] of facts.entries()) {
    const at = `facts[${i}]`;
    const read = factSchema.safeParse(fact);
    if (read.success) raw.facts.push({ where: at, ...read.data, aliases: read.data.aliases ?? [] });
    else {
      report.facts.read += 1;
      report.dropped.push({ rule: "not-a-fact", where: at, what: brief(fact) });
    }
  }
  return raw;
}
