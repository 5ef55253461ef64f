import { formatInteger } from "@/format/numbers.ts";
import type { ImportReportData } from "../queries.ts";

/** What an import leaves out or changes, entry by entry, grouped by the rule; nothing where there is nothing. */
export function DropReport({ title, report }: { title?: string; report: ImportReportData }) {
  const { dropped, changed, notes } = report;
  if (dropped.length + changed.length + notes.length === 0) return null;
  return (
    <div className="mt-4 border-t border-line pt-3">
      {title && <h2 className="mb-2 text-base">{title}</h2>}
      {notes.map((note) => (
        <p key={note} className="mb-2 text-sm text-ink-2">
          {note}
        </p>
      ))}
      <Rules
        title={`${dropped.length === 1 ? "1 entry" : `${formatInteger(dropped.length)} entries`} left out`}
        entries={dropped.map(({ meaning, where, what, because }) => ({
          meaning,
          where,
          text: because ? `${what} (${because})` : what,
        }))}
      />
      <Rules
        title={`${changed.length === 1 ? "1 entry" : `${formatInteger(changed.length)} entries`} changed`}
        entries={changed.map(({ meaning, where, from, to }) => ({ meaning, where, text: `${from} → ${to}` }))}
      />
    </div>
  );
}

function Rules(props: { title: string; entries: { meaning: string; where: string; text: string }[] }) {
  const { title, entries } = props;
  if (entries.length === 0) return null;
  const rules = [...new Set(entries.map(({ meaning }) => meaning))];
  return (
    <div className="mb-3">
      <h3 className="mb-1 text-sm">{title}</h3>
      <ul className="grid gap-1.5">
        {rules.map((rule) => {
          const own = entries.filter(({ meaning }) => meaning === rule);
          return (
            <li key={rule}>
              <details open={own.length <= 12}>
                <summary className="text-sm text-ink-2">
                  {rule} <span className="text-ink-3">({formatInteger(own.length)})</span>
                </summary>
                <ul className="mt-1 max-h-56 overflow-y-auto rounded-md bg-sunken px-3 py-1.5">
                  {own.map(({ where, text }) => (
                    <li
                      key={`${where}/${text}`}
                      className="grid grid-cols-[minmax(70px,auto)_1fr] gap-4 py-0.5 text-xs"
                    >
                      <span className="whitespace-nowrap text-ink-2">{where}</span>
                      <span className="break-words">{text}</span>
                    </li>
                  ))}
                </ul>
              </details>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
