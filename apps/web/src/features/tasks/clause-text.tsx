/** A clause with its blanks in the colours of subject and answer: `the capital of {subject} is`. */
export function ClauseText({ text }: { text: string }) {
  return (
    <span>
      {text.split(/(\{\w+\})/).map((part, index) => {
        const subject = part === "{subject}";
        const answer = part === "{answer}";
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a fixed text
        if (!subject && !answer) return <span key={index}>{part}</span>;
        return (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: parts of a fixed text
            key={index}
            className={
              subject
                ? "rounded-[3px] bg-subject-soft px-1 font-medium text-subject"
                : "rounded-[3px] bg-answer-soft px-1 font-medium text-answer"
            }
          >
            {subject ? "subject" : "answer"}
          </span>
        );
      })}
    </span>
  );
}
