import { formatInteger, plural } from "@/format/numbers.ts";
import { Badge, type Tone } from "@/ui/badge.tsx";
import { Panel } from "@/ui/page.tsx";
import { Notice } from "@/ui/states.tsx";
import { ClauseText } from "../clause-text.tsx";
import type { ImportedTask } from "../queries.ts";
import { DropReport } from "./drop-report.tsx";

const OUTCOMES: Record<ImportedTask["outcome"], { label: string; tone: Tone; tip: string }> = {
  NEW: { label: "new task", tone: "good", tip: "Importing it adds it to the list" },
  NEW_VERSION: {
    label: "new version",
    tone: "answer",
    tip: "New runs ask it from then on; runs keep the version they asked",
  },
  UNCHANGED: { label: "nothing new", tone: "neutral", tip: "It asks what the task here asks already" },
  REFUSED: { label: "refused", tone: "bad", tip: "It cannot be taken in" },
};
const SHOWN_FACTS = 12;

/** What one task of a file is, and what importing it would do. */
export function TaskCheck({ task }: { task: ImportedTask }) {
  const { draft, outcome, refused, report } = task;
  const { label, tone, tip } = OUTCOMES[outcome];
  const rest = draft ? draft.facts.length - SHOWN_FACTS : 0;
  return (
    <Panel className="px-5 pt-4 pb-5">
      <div className="flex items-baseline justify-between gap-4">
        <h2 className="text-base">{draft?.title ?? task.name}</h2>
        <Badge tone={tone} tip={tip}>
          {label}
        </Badge>
      </div>
      {draft && (
        <p className="mt-0.5 text-sm text-ink-2">
          <code className="font-mono text-xs">{draft.slug}</code>, version {draft.version}; {draft.domain};{" "}
          {draft.licence}
        </p>
      )}
      {refused && (
        <div className="mt-3">
          <Notice tone="bad">{refused}</Notice>
        </div>
      )}
      <p className="mt-3 text-sm">
        <span className="font-medium">
          {formatInteger(report.factsKept)} of {plural(report.factsRead, "fact")}
        </span>{" "}
        and {formatInteger(report.clausesKept)} of {plural(report.clausesRead, "clause")} are kept.
      </p>
      {draft && (
        <>
          <ul className="mt-3 grid gap-1 text-sm">
            {draft.clauses.map((clause) => (
              <li key={clause.id}>
                <ClauseText text={clause.text} />
              </li>
            ))}
          </ul>
          <ul className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-sm">
            {draft.facts.slice(0, SHOWN_FACTS).map(({ subject, answer }) => (
              <li key={`${subject}/${answer}`} className="whitespace-nowrap">
                <span className="text-subject">{subject}</span> <span className="text-ink-3">→</span>{" "}
                <span className="text-answer">{answer}</span>
              </li>
            ))}
            {rest > 0 && <li className="text-ink-3">and {formatInteger(rest)} more</li>}
          </ul>
        </>
      )}
      <DropReport report={report} />
    </Panel>
  );
}
