"use client";
import { visibleToken } from "@/format/heads.ts";
import { formatInteger, formatNumber, formatValue } from "@/format/numbers.ts";
import { cx } from "@/ui/class-names.ts";
import type { Intervention } from "./queries.ts";

type Compared = Intervention["compared"][number];

const tipOf = ({ text, before, after }: Compared): string =>
  [
    visibleToken(text),
    ...(
      [
        ["before", before],
        ["after", after],
      ] as const
    ).map(
      ([when, { probability, rank, logit }]) =>
        `${when}\t${formatValue(probability, "probability")}, rank ${formatInteger(rank)}, logit ${formatNumber(logit)}`,
    ),
  ].join("\n");

/** The likeliest tokens before and after: the pale bar is before, the full one after. */
export function TopTokens({ result }: { result: Intervention }) {
  return (
    <table className="w-full text-sm" aria-label="Likeliest tokens before and after">
      <thead>
        <tr className="text-xs text-ink-3">
          <th className="w-[112px] pb-1 text-left font-medium">Next token</th>
          <th className="pb-1 text-left font-medium">
            <span className="sr-only">Probabilities as bars</span>
          </th>
          <th className="w-[60px] pb-1 text-right font-medium">before</th>
          <th className="w-[60px] pb-1 text-right font-medium">after</th>
        </tr>
      </thead>
      <tbody>
        {result.compared.map((own) => {
          const answer = own.token === result.answerToken;
          return (
            <tr key={own.token} data-tip={tipOf(own)} data-token={own.token}>
              <td className="py-[3px] pr-2">
                <code
                  className={cx(
                    "block w-fit max-w-[108px] truncate rounded-[3px] px-1 py-px font-mono text-xs whitespace-pre",
                    answer ? "bg-answer-soft font-semibold text-answer" : "bg-sunken text-ink-2",
                  )}
                >
                  {visibleToken(own.text)}
                </code>
              </td>
              <td className="py-[3px]">
                <Bar share={own.before.probability} className="h-1 bg-line-strong" />
                <Bar
                  share={own.after.probability}
                  className={cx("mt-0.5 h-2", answer ? "bg-answer" : "bg-ink-3")}
                />
              </td>
              <td className="text-right text-ink-3">{formatValue(own.before.probability, "probability")}</td>
              <td className={cx("text-right", answer ? "font-semibold" : "text-ink-2")}>
                {formatValue(own.after.probability, "probability")}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

const Bar = ({ share, className }: { share: number; className: string }) => (
  <span
    className={cx("block rounded-[2px] transition-[width] duration-75", className)}
    style={{ width: `${share * 100}%`, minWidth: 1 }}
  />
);
