"use client";
import { formatPValue } from "@/format/numbers.ts";
import { cx } from "@/ui/class-names.ts";
import { Section } from "@/ui/page.tsx";
import { Popover } from "@/ui/popover.tsx";
import type { Comparison, Verdict } from "./queries.ts";
import { RunColumns } from "./run-columns.tsx";
import type { Series } from "./series.ts";
import { evidenceInterval, evidenceTip, evidenceValue, ruleOf, STEPS, VERDICTS } from "./verdicts.ts";

/** For each run and step of the mechanism: present, absent or inconclusive, with the evidence that says so. */
export function MechanismTable(props: {
  comparison: Comparison;
  series: readonly Series[];
  onBaseline: (id: string) => void;
}) {
  const { runs } = props.comparison;
  return (
    <Section title="Which steps of the mechanism are there?" className="mt-2">
      <div className="overflow-x-auto rounded-lg border border-line bg-surface">
        <table className="w-full border-separate border-spacing-0 text-sm" aria-label="Mechanism">
          <RunColumns series={props.series} onBaseline={props.onBaseline} />
          <tbody>
            {STEPS.map(({ step, title, question }) => (
              <tr key={step} className="align-top">
                <th
                  scope="row"
                  data-tip={`${title}\n${question}`}
                  className="sticky left-0 z-[1] border-t border-line/70 bg-surface py-3 pr-6 pl-4 text-left font-normal whitespace-nowrap"
                >
                  {title}
                </th>
                {runs.map(({ run, mechanism }) => (
                  <td key={run.id} className="min-w-48 border-t border-line/70 px-4 py-2.5">
                    <StepEvidence evidence={mechanism.verdicts.filter((verdict) => verdict.step === step)} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="label mt-2 max-w-[120ch]">
        ✓ present: the 95 % interval excludes 0 in the expected direction and a permutation test has p &lt;
        0.05. ✕ absent: the interval lies within what is too small to matter (0.02 of an effect, 0.05 nats, 5
        points of accuracy). ? inconclusive: neither, no such test was made, or fewer than 8 known facts.
        Choose a verdict for its rule and numbers.
      </p>
    </Section>
  );
}

function StepEvidence({ evidence }: { evidence: readonly Verdict[] }) {
  if (evidence.length === 0) return <span className="text-ink-3 italic">not measured</span>;
  return (
    <ul className="grid gap-2">
      {evidence.map((verdict, index) => (
        <li key={verdict.quantity} className={cx(index > 0 && "text-xs")}>
          <VerdictBadge verdict={verdict} small={index > 0} />
          <span className="ml-2 whitespace-nowrap">
            <span className={cx(verdict.estimate.value === null && "text-ink-3 italic")}>
              {evidenceValue(verdict)}
            </span>
            {verdict.estimate.value !== null && (
              <span className="ml-1.5 text-xs text-ink-3">{evidenceInterval(verdict) ?? "no interval"}</span>
            )}
          </span>
          <span className="mt-0.5 block text-xs text-ink-3">{verdict.quantity}</span>
        </li>
      ))}
    </ul>
  );
}

function VerdictBadge({ verdict, small }: { verdict: Verdict; small: boolean }) {
  const { symbol, word, tone } = VERDICTS[verdict.verdict];
  return (
    <Popover
      label={verdict.quantity}
      className="z-40 w-[min(380px,calc(100vw-24px))] p-4"
      trigger={
        <button
          type="button"
          data-tip={evidenceTip(verdict)}
          className={cx(
            "inline-flex items-center gap-1 rounded px-1.5 text-xs font-medium whitespace-nowrap",
            small ? "h-4.5" : "h-5",
            tone,
          )}
        >
          <span aria-hidden="true">{symbol}</span> {word}
        </button>
      }
    >
      <VerdictCard verdict={verdict} />
    </Popover>
  );
}

function VerdictCard({ verdict }: { verdict: Verdict }) {
  const rows = [
    ["Value", evidenceValue(verdict)],
    ["95 % interval", evidenceInterval(verdict) ?? "not defined"],
    ["n", `${verdict.estimate.n} facts`],
    ["Test", verdict.pValue === null ? "none" : formatPValue(verdict.pValue)],
  ] as const;
  return (
    <>
      <p className="font-semibold first-letter:uppercase">{verdict.quantity}</p>
      <p className="mt-1 text-ink-2">
        {VERDICTS[verdict.verdict].word}: {verdict.why}.
      </p>
      <Pairs rows={rows} />
      <p className="mt-3 text-xs font-medium">The rule</p>
      <Pairs rows={ruleOf(verdict).map((line) => line.split("\t") as [string, string])} />
    </>
  );
}

function Pairs({ rows }: { rows: readonly (readonly [string, string])[] }) {
  return (
    <dl className="mt-2 grid grid-cols-[96px_1fr] gap-y-1 text-xs">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-3">{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
