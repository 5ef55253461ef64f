import { z } from "zod";
import { EngineError } from "../../errors.ts";
import { emptyReport, type ImportReport } from "./import-report.ts";
import type { RawClause, RawFact, RawTask } from "./raw-task.ts";
import { brief } from "./read-lre.ts";
import { relationLabel } from "./relation-labels.ts";

const recordSchema = z.object({
  requested_rewrite: z.object({
    prompt: z.string(),
    relation_id: z.string().min(1),
    subject: z.string(),
    target_true: z.object({ str: z.string() }),
  }),
});

/** Whether a value has the form of CounterFact: a list of rewrites. */
export const isCounterFact = (value: unknown): boolean =>
  Array.isArray(value) && value.some((record) => recordSchema.safeParse(record).success);

export interface RawRelation {
  raw: RawTask;
  report: ImportReport;
}

/**
 * One task for each relation of a CounterFact file. The templates that its records use, most used first, become the clauses; every fact
 * is asked in all of them. False targets, paraphrases and neighbourhoods are not read.
 * @returns relations in the order of their ids, and what is no record of CounterFact
 */
export function readCounterFact(
  value: unknown,
  where: string,
): { relations: RawRelation[]; stray: ImportReport } {
  if (!Array.isArray(value))
    throw new EngineError("BAD_INPUT", `file ${where}: is no CounterFact file (a list expected)`);
  const stray = emptyReport();
  const byRelation = new Map<string, { facts: RawTask["facts"]; templates: Map<string, string[]> }>();
  for (const [i, record] of value.entries()) {
    const at = `[${i}]`;
    const result = recordSchema.safeParse(record);
    if (!result.success) {
      stray.facts.read += 1;
      stray.dropped.push({ rule: "not-a-fact", where: at, what: brief(record) });
      continue;
    }
    const { prompt, relation_id: id, subject, target_true } = result.data.requested_rewrite;
    const relation = byRelation.get(id) ?? { facts: [] as RawFact[], templates: new Map<string, string[]>() };
    byRelation.set(id, relation);
    relation.facts.push({ where: at, subject, answer: target_true.str });
    const places = relation.templates.get(prompt) ?? [];
    places.push(at);
    relation.templates.set(prompt, places);
  }
  const number = (id: string) => Number(/\d+/.exec(id)?.[0] ?? 0);
  const relations = [...byRelation]
    .sort(([a], [b]) => number(a) - number(b) || (a < b ? -1 : 1))
    .map(([id, { facts, templates }]): RawRelation => {
      const label = relationLabel(id);
      const clauses = [...templates]
        .sort(([a, m], [b, n]) => n.length - m.length || (a < b ? -1 : 1))
        .map(([text, [first]]): RawClause => ({ where: first!, text }));
      return {
        raw: {
          fields: {
            id: `counterfact-${id.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`,
            title: label ? `${label} (${id})` : id,
            relation: label ?? id,
            source: `CounterFact relation ${id}`,
          },
          clauses,
          facts,
        },
        report: emptyReport(),
      };
    });
  return { relations, stray };
}
