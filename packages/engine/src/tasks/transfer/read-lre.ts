import { z } from "zod";
import { EngineError } from "../../errors.ts";
import type { ImportReport } from "./import-report.ts";
import type { RawClause, RawFact, RawTask } from "./raw-task.ts";

const relationSchema = z.object({
  name: z.string().min(1),
  prompt_templates: z.array(z.string()),
  prompt_templates_zs: z.array(z.string()).default([]),
  samples: z.array(z.unknown()),
  properties: z.object({ domain_name: z.string().optional(), range_name: z.string().optional() }).optional(),
});
const sampleSchema = z.object({ subject: z.string(), object: z.string() });

/** Whether a value has the form of a relation of LRE. */
export const isLre = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "samples" in value && "prompt_templates" in value;

/**
 * A relation as the `relations` data of Linear Relational Embeddings keep it: name, templates with `{}` for few-shot and for zero-shot
 * prompts, samples of subject and object. Both kinds of templates become clauses. @throws EngineError BAD_INPUT
 */
export function readLre(value: unknown, where: string, report: ImportReport): RawTask {
  const result = relationSchema.safeParse(value);
  if (!result.success)
    throw new EngineError(
      "BAD_INPUT",
      `file ${where}: is no LRE relation (${z.prettifyError(result.error).replaceAll("\n", "; ")})`,
    );
  const { name, properties, ...data } = result.data;
  const clauses = (["prompt_templates", "prompt_templates_zs"] as const).flatMap((key) =>
    data[key].map((text, i): RawClause => ({ where: `${key}[${i}]`, text })),
  );
  const facts: RawFact[] = [];
  for (const [i, sample] of data.samples.entries()) {
    const at = `samples[${i}]`;
    const fact = sampleSchema.safeParse(sample);
    if (fact.success) facts.push({ where: at, subject: fact.data.subject, answer: fact.data.object });
    else {
      report.facts.read += 1;
      report.dropped.push({ rule: "not-a-fact", where: at, what: brief(sample) });
    }
  }
  return {
    fields: {
      title: name,
      ...(properties?.range_name && { relation: properties.range_name }),
      source: `LRE relation "${name}"`,
    },
    clauses,
    facts,
  };
}

/** The beginning of a value, for a report. */
export function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
