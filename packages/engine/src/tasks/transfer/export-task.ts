import { stringify } from "csv-stringify/sync";
import type { Task } from "../task.ts";
import { joinAliases } from "./aliases.ts";

export const EXPORT_FORMATS = ["json", "csv", "lre"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportedTask {
  text: string;
  /** What the format has no place for. */
  lost: string[];
}

/** A task as a file of another form; `lost` names what an import of that file has to be told again. */
export function exportTask(task: Task, format: ExportFormat): ExportedTask {
  switch (format) {
    case "json":
      return { text: `${JSON.stringify(task, null, 2)}\n`, lost: [] };
    case "csv":
      return { text: toCsv(task), lost: ["all but subjects, answers and aliases (give the task as --like)"] };
    case "lre":
      return { text: `${JSON.stringify(toLre(task), null, 4)}\n`, lost: lostInLre(task) };
  }
}

function toCsv({ facts }: Task): string {
  const aliases = facts.some((fact) => fact.aliases?.length);
  const columns = ["subject", "answer", ...(aliases ? ["aliases"] : [])];
  const rows = facts.map((fact) => [
    fact.subject,
    fact.answer,
    ...(aliases ? [joinAliases(fact.aliases ?? [])] : []),
  ]);
  return stringify([columns, ...rows]);
}

/** Only the keys that LRE's own loader accepts. */
const toLre = ({ title, relation, domain, clauses, facts }: Task) => ({
  name: title,
  prompt_templates: clauses.map(({ text }) => {
    const template = text.replace("{subject}", "{}");
    return template.charAt(0).toUpperCase() + template.slice(1);
  }),
  prompt_templates_zs: [],
  properties: { relation_type: "factual", domain_name: domain, range_name: relation, symmetric: false },
  samples: facts.map(({ subject, answer }) => ({ subject, object: answer })),
});

function lostInLre({ facts, domain }: Task): string[] {
  const aliases = facts.filter((fact) => fact.aliases?.length).length;
  return [
    "id, version, licence, source, ids and relation words of clauses, the demonstration",
    `the domain (${domain}) stands in the place of the kind of subject`,
    ...(aliases ? [`aliases of ${aliases} facts`] : []),
  ];
}
