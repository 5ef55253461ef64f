import type { TaskData } from "../queries.ts";

/** A task in the form of a file, to be changed and imported again. */
export function taskJson(task: TaskData): string {
  const { slug, title, relation, version, domain, licence, source, clauses, shot, facts } = task;
  return JSON.stringify(
    {
      id: slug,
      title,
      relation,
      version,
      domain,
      licence,
      source,
      clauses: clauses.map(({ id, text, relation: word }) => ({ id, text, relation: word })),
      shot,
      facts: facts.map(({ subject, answer, aliases }) =>
        aliases.length > 0 ? { subject, answer, aliases } : { subject, answer },
      ),
    },
    null,
    2,
  );
}
