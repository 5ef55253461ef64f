"use client";
import dynamic from "next/dynamic";
import { useState } from "react";
import { formatInteger, formatValue, plural } from "@/format/numbers.ts";
import { oneOf } from "@/state/url-state.ts";
import { IconButton } from "@/ui/button.tsx";
import { ChevronIcon } from "@/ui/icons.tsx";
import { Popover } from "@/ui/popover.tsx";
import { TokenLine } from "@/ui/tokens.tsx";
import type { PromptNumbers, RunHeaderData } from "../queries.ts";
import { type RunView, TABS, type Tab } from "../view-state.ts";
import { metricsOfPrompt } from "./prompt-estimates.ts";
import { promptIndex, usePrompt } from "./use-prompt.ts";

const PromptList = dynamic(() => import("./prompt-list.tsx").then((file) => file.PromptList), {
  ssr: false,
  loading: () => <div className="skeleton h-80" />,
});

/** Whether the page shows means over prompts or one prompt, and which; says what of the open tab is of that prompt. */
export function PromptBar({ run, view }: { run: RunHeaderData; view: RunView }) {
  const [open, setOpen] = useState(false);
  const index = promptIndex(view);
  const numbers = usePrompt(run, view);
  const tab = oneOf(view.values.tab, TABS);
  const last = run.promptCount - 1;
  const choose = (prompt: number | null) => {
    view.set({ prompt: prompt === null ? null : String(prompt) });
    setOpen(false);
  };
  if (tab === "details") return null;
  return (
    <section aria-label="Prompt" className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-1.5 px-1">
      <div className="flex items-center">
        <IconButton
          label="Prompt before (←)"
          disabled={index === null}
          onClick={() => choose(index === null || index === 0 ? null : Math.min(index, last + 1) - 1)}
          className="disabled:opacity-30"
        >
          <ChevronIcon className="rotate-180" />
        </IconButton>
        <Popover
          open={open}
          onOpenChange={setOpen}
          label="Choose a prompt"
          className="z-40 w-[min(560px,calc(100vw-24px))]"
          trigger={
            <button
              type="button"
              className="control flex min-w-56 items-center justify-between gap-3 text-left"
            >
              <span className="truncate">
                {index === null
                  ? "Mean with interval"
                  : `Prompt ${formatInteger(index)} of ${formatInteger(run.promptCount)}`}
              </span>
              <ChevronIcon size={12} className="rotate-90 text-ink-3" />
            </button>
          }
        >
          <PromptList run={run.id} chosen={index} onChoose={choose} />
        </Popover>
        <IconButton
          label="Next prompt (→)"
          disabled={index !== null && index >= last}
          onClick={() => choose(index === null ? 0 : index + 1)}
          className="disabled:opacity-30"
        >
          <ChevronIcon />
        </IconButton>
      </div>
      {index === null ? (
        <span className="text-sm text-ink-3">
          over {plural(run.promptCount, "prompt")}
          {run.summary && `, ${plural(run.summary.factsKnown, "known fact")} of ${run.summary.factsTotal}`}
        </span>
      ) : numbers ? (
        <>
          <TokenLine
            tokens={numbers.prompt.tokenTexts}
            subjectStart={numbers.prompt.subjectStart}
            subjectEnd={numbers.prompt.subjectEnd}
            answer={` ${numbers.prompt.answer}`}
          />
          <span className="text-sm text-ink-2">
            p {formatValue(numbers.prompt.probability, "probability")}, rank{" "}
            {formatInteger(numbers.prompt.rank)}
          </span>
          <p className="w-full text-sm text-ink-3" role="status">
            {whatIsOfPrompt(tab, numbers)}
          </p>
        </>
      ) : numbers === null ? (
        <span className="text-sm text-bad" role="status">
          This run has no prompt {index}: it has 0 to {last}. Shown are means.
        </span>
      ) : (
        <span className="skeleton h-5 w-80" />
      )}
    </section>
  );
}

const UNKNOWN =
  "The model does not know this fact, and lens and heads were measured on known facts: shown are means.";

function whatIsOfPrompt(tab: Tab, numbers: PromptNumbers): string {
  const { lens, heads } = numbers;
  switch (tab) {
    case "prediction":
      return lens
        ? "Outcome and lens are of this prompt alone. Direct logit attribution is stored as a mean over prompts only."
        : `The outcome is of this prompt alone. ${UNKNOWN}`;
    case "heads": {
      const own = metricsOfPrompt(numbers);
      if (!heads) return UNKNOWN;
      const effects = own.includes("effect")
        ? "Effect, noising and denoising are of this prompt alone, normalised by its own logit differences"
        : `No effects: ${heads.reason ?? "not observed"}`;
      const attention = own.includes("attentionToSubject") ? "; so is the attention" : "";
      return `${effects}${attention}. Everything else, ranks and tests too, is over all prompts.`;
    }
    case "mlp":
      return "A decomposition is one fit to all prompts: it has no numbers of a single one. Shown is the fit.";
    case "function":
      return "The intercept is what is the same for all facts of the task: it has no numbers of a single prompt.";
    case "final":
      return "The run stores the final layer's numbers as means over prompts only.";
    default:
      return "";
  }
}
