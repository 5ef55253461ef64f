import { formatBytes, formatInteger, plural } from "@/format/numbers.ts";
import { formatDuration } from "@/format/time.ts";
import type { PromptPreview } from "./queries.ts";

/** What one run asks and costs. */
export function PreviewTotals({ preview }: { preview: PromptPreview }) {
  const { factsAdmitted, promptCount, passes, memory, time } = preview;
  return (
    <dl className="flex flex-wrap gap-x-10 gap-y-3 px-1">
      <Total label="facts" value={formatInteger(factsAdmitted)} />
      <Total label="prompts" value={formatInteger(promptCount)} />
      <Total
        label="forward passes"
        value={formatInteger(passes)}
        tip="If every fact is known; further analyses add theirs"
      />
      <Total
        label="memory"
        value={memory === null ? "–" : formatBytes(memory)}
        tip={
          memory === null
            ? "Known once the model has been opened"
            : "What a worker needs: weights in float32, graphs and a batch's activations"
        }
      />
      <Total
        label={
          time
            ? time.runs === 1
              ? "by 1 earlier run"
              : `${formatDuration(time.fastest)} to ${formatDuration(time.slowest)} by ${plural(time.runs, "earlier run")}`
            : "time"
        }
        value={time ? formatDuration(time.seconds) : "not known yet"}
        quiet={!time}
        tip={
          time
            ? "Computing time: the median of what earlier runs of this model with the same shots and analyses took for a pass, times the passes"
            : "No run of this model with the same shots and analyses has finished here"
        }
      />
    </dl>
  );
}

function Total(props: { label: string; value: string; tip?: string; quiet?: boolean }) {
  return (
    <div data-tip={props.tip}>
      <dd
        className={
          props.quiet
            ? "leading-[34px] text-ink-3 italic"
            : "text-2xl font-semibold tracking-tight whitespace-nowrap"
        }
      >
        {props.value}
      </dd>
      <dt className="label">{props.label}</dt>
    </div>
  );
}
