import {
  CHANGE_RULES,
  countRules,
  DROP_RULES,
  type ImportReport,
  type ImportResult,
  type Task,
} from "@recallscope/engine";

/** Entries of a rule that are shown; the others are counted. */
const SHOWN = 3;

/** What an import made and what it left out, in words. @param hint whether to name the flag that writes everything down */
export function describeImport(
  { format, imported, stray }: ImportResult,
  placeOf: (task: Task) => string,
  hint: boolean,
): string {
  const blocks = imported.map((one) => {
    const { facts, clauses } = one.report;
    const counts = `${facts.kept} of ${facts.read} facts, ${clauses.kept} of ${clauses.read} clauses`;
    const head = one.task
      ? `${one.task.id}: ${counts} -> ${placeOf(one.task)}`
      : `${one.name}: no task, ${one.refused}; ${counts}`;
    return [head, ...entries(one.report)].join("\n");
  });
  if (stray.dropped.length || stray.notes.length)
    blocks.push([`of no task: ${stray.dropped.length} entries`, ...entries(stray)].join("\n"));
  const cut = [...imported.map(({ report }) => report), stray].some((report) =>
    [...countRules(report.dropped), ...countRules(report.changed)].some(([, n]) => n > SHOWN),
  );
  return [
    `read as ${format}`,
    ...blocks,
    ...(cut && hint ? ["(--report FILE writes every entry down)"] : []),
  ].join("\n\n");
}

function entries({ dropped, changed, notes }: ImportReport): string[] {
  const drops = countRules(dropped).map(([rule, n]) =>
    block(
      `dropped ${n}, ${rule}: ${DROP_RULES[rule]}`,
      dropped
        .filter((entry) => entry.rule === rule)
        .map(
          ({ where, what, because }) => `${where}  ${what}${because === undefined ? "" : `  (${because})`}`,
        ),
    ),
  );
  const changes = countRules(changed).map(([rule, n]) =>
    block(
      `changed ${n}, ${rule}: ${CHANGE_RULES[rule]}`,
      changed
        .filter((entry) => entry.rule === rule)
        .map(({ where, from, to }) => `${where}  ${JSON.stringify(from)} -> ${JSON.stringify(to)}`),
    ),
  );
  return [...drops, ...changes, ...notes.map((note) => `  note: ${note}`)];
}

function block(title: string, lines: readonly string[]): string {
  const more = lines.length - SHOWN;
  return [
    `  ${title}`,
    ...lines.slice(0, SHOWN).map((line) => `    ${line}`),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ].join("\n");
}
