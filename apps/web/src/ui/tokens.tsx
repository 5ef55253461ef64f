import { visibleToken } from "@/format/heads.ts";
import { cx } from "./class-names.ts";

/** A prompt token by token; the subject's tokens in amber, the answer that should follow in petrol. */
export function TokenLine(props: {
  tokens: readonly string[];
  subjectStart: number;
  subjectEnd: number;
  answer?: string;
}) {
  const { tokens, subjectStart, subjectEnd, answer } = props;
  return (
    <span className="flex flex-wrap items-center gap-y-1 font-mono text-xs leading-5">
      {tokens.map((token, position) => {
        const subject = position >= subjectStart && position < subjectEnd;
        return (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a token's identity is its position
            key={position}
            data-tip={`token ${position}\n${subject ? "part of the subject" : "not part of the subject"}`}
            className={cx(
              "mr-px rounded-[3px] px-[3px] py-px whitespace-pre",
              subject ? "bg-subject-soft font-semibold text-subject" : "bg-sunken text-ink-2",
            )}
          >
            {visibleToken(token)}
          </span>
        );
      })}
      {answer !== undefined && (
        <span
          data-tip={"the answer's first token\nwhat the model should predict next"}
          className="ml-1 rounded-[3px] bg-answer-soft px-[3px] py-px font-semibold whitespace-pre text-answer"
        >
          {visibleToken(answer)}
        </span>
      )}
    </span>
  );
}
