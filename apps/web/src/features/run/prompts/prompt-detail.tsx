"use client";
import { visibleToken } from "@/format/heads.ts";
import { formatInteger, formatNumber, formatValue } from "@/format/numbers.ts";
import { IconButton } from "@/ui/button.tsx";
import { cx } from "@/ui/class-names.ts";
import { CloseIcon } from "@/ui/icons.tsx";
import { Panel } from "@/ui/page.tsx";
import { TokenLine } from "@/ui/tokens.tsx";
import type { Prompt } from "../queries.ts";

/** One prompt: its tokens as the model sees them and what it predicts next. */
export function PromptDetail({ prompt, onClose }: { prompt: Prompt; onClose: () => void }) {
  const first = prompt.answer.split(" ")[0] ?? prompt.answer;
  const isAnswer = (text: string) => text.trim() !== "" && first.startsWith(text.trim());
  return (
    <Panel className="animate-[appear_160ms_ease-out] px-5 pt-4 pb-5">
      <div className="flex items-start justify-between gap-4">
        <h3 className="text-base">
          {prompt.subject} <span className="font-normal text-ink-3">→</span> {prompt.answer}
        </h3>
        <IconButton label="Close" onClick={onClose}>
          <CloseIcon />
        </IconButton>
      </div>
      <div className="mt-2">
        <TokenLine
          tokens={prompt.tokenTexts}
          subjectStart={prompt.subjectStart}
          subjectEnd={prompt.subjectEnd}
          answer={` ${prompt.answer}`}
        />
      </div>
      <div className="mt-5 grid gap-x-12 gap-y-5 md:grid-cols-[minmax(0,1fr)_260px]">
        <div>
          <p className="label mb-1.5">Predicted next</p>
          <ol>
            {prompt.topTokens.map(({ token, text, probability }) => (
              <li
                key={token}
                className="grid grid-cols-[minmax(80px,140px)_1fr_64px] items-center gap-3 py-0.5 text-sm"
              >
                <span>
                  <code
                    className={cx(
                      "rounded-[3px] px-1 py-px font-mono text-xs whitespace-pre",
                      isAnswer(text) ? "bg-answer-soft font-semibold text-answer" : "bg-sunken text-ink-2",
                    )}
                  >
                    {visibleToken(text)}
                  </code>
                </span>
                <span className="h-2">
                  <span
                    className="block h-full rounded-sm"
                    style={{
                      width: `${probability * 100}%`,
                      minWidth: 1,
                      background: isAnswer(text) ? "var(--answer)" : "var(--line-strong)",
                    }}
                  />
                </span>
                <span className="text-right text-ink-2">{formatValue(probability, "probability")}</span>
              </li>
            ))}
          </ol>
        </div>
        <dl className="grid grid-cols-[1fr_auto] content-start gap-x-4 gap-y-1 text-sm">
          <dt className="text-ink-2">p(answer)</dt>
          <dd className="text-right">{formatValue(prompt.probability, "probability")}</dd>
          <dt className="text-ink-2">log p</dt>
          <dd className="text-right">{formatNumber(prompt.logProb)}</dd>
          <dt className="text-ink-2">Rank, 0 = top</dt>
          <dd className="text-right">{formatInteger(prompt.rank)}</dd>
          <dt className="text-ink-2">Rank among candidates</dt>
          <dd className="text-right">{formatInteger(prompt.candidateRank)}</dd>
          <dt className="text-ink-2">Whole answer top-1</dt>
          <dd className="text-right">
            {prompt.fullAnswerTop1 === null ? "one token" : prompt.fullAnswerTop1 ? "yes" : "no"}
          </dd>
        </dl>
      </div>
    </Panel>
  );
}
