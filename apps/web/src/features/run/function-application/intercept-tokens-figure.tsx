"use client";
import { Figure } from "@/charts/figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { visibleToken } from "@/format/heads.ts";
import { formatSigned } from "@/format/numbers.ts";
import { cx } from "@/ui/class-names.ts";
import type { Intercept } from "../queries.ts";

type Readout = Intercept["top"][number];

/** The tokens that the intercept promotes and demotes most; answers of the task are marked. */
export function InterceptTokensFigure({ intercept, name }: { intercept: Intercept; name: string }) {
  const end = Math.max(...[...intercept.top, ...intercept.bottom].map(({ value }) => Math.abs(value)), 1e-9);
  return (
    <Figure
      about={EXPLANATIONS.intercept}
      title={`What the intercept of MLP${intercept.layer} promotes`}
      name={name}
      table={() => ({
        columns: ["side", "token id", "token", "logits", "candidate"],
        rows: (["top", "bottom"] as const).flatMap((side) =>
          intercept[side].map(({ token, text, value, candidate }) => [
            side,
            token,
            text,
            value,
            String(candidate),
          ]),
        ),
      })}
      legend={
        <span className="flex items-center gap-1.5 text-xs text-ink-2">
          <span className="size-3 rounded-[3px] bg-answer-soft ring-1 ring-answer" /> answer of the task
        </span>
      }
    >
      <div className="grid gap-x-10 gap-y-6 md:grid-cols-2">
        <TokenList title="Promoted" tokens={intercept.top} end={end} />
        <TokenList title="Demoted" tokens={intercept.bottom} end={end} />
      </div>
    </Figure>
  );
}

function TokenList({ title, tokens, end }: { title: string; tokens: readonly Readout[]; end: number }) {
  return (
    <div>
      <p className="label mb-1.5">{title}</p>
      <ol>
        {tokens.map(({ token, text, value, candidate }, index) => (
          <li
            key={token}
            data-tip={`${visibleToken(text)}\nlogits\t${formatSigned(value, "logit")}\ntoken\t${token}\n${candidate ? "an answer of the task" : "not an answer of the task"}`}
            className="grid grid-cols-[24px_minmax(90px,140px)_1fr_52px] items-center gap-2 py-px text-sm"
          >
            <span className="text-right text-xs text-ink-3">{index + 1}</span>
            <span>
              <code
                className={cx(
                  "rounded-[3px] px-1 py-px font-mono text-xs whitespace-pre",
                  candidate
                    ? "bg-answer-soft font-semibold text-answer ring-1 ring-answer"
                    : "bg-sunken text-ink-2",
                )}
              >
                {visibleToken(text)}
              </code>
            </span>
            <span className="h-2">
              <span
                className="block h-full rounded-sm"
                style={{
                  width: `${(Math.abs(value) / end) * 100}%`,
                  background: candidate
                    ? "var(--answer)"
                    : value < 0
                      ? "var(--bar-negative)"
                      : "var(--line-strong)",
                }}
              />
            </span>
            <span className="text-right text-ink-2">{formatSigned(value, "logit")}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
