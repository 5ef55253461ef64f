"use client";
import { useId, useState } from "react";
import { formatInteger, formatNumber, formatValue } from "@/format/numbers.ts";
import { useSelection } from "@/state/selection.tsx";
import { Button } from "@/ui/button.tsx";
import { Panel } from "@/ui/page.tsx";
import { ErrorState, Skeleton } from "@/ui/states.tsx";
import {
  ALPHA,
  type Edits,
  interventionInput,
  mlpLabel,
  NO_EDITS,
  partOf,
  SCALE,
  type ScaledPart,
  withoutPart,
  withPart,
} from "./edits.ts";
import { type OwnText, ownInput } from "./own-input.ts";
import { OwnTextField } from "./own-text.tsx";
import { PartSlider } from "./part-slider.tsx";
import { type Intervention, InterventionQuery, type InterventionVariables } from "./queries.ts";
import { TopTokens } from "./top-tokens.tsx";
import { useEdits } from "./use-edits.ts";
import { useLatest } from "./use-latest.ts";

interface Props {
  /** A text of the reader's own, in the place of the prompt; empty: none. */
  own: OwnText;
  onOwn: (own: OwnText) => void;
  input: InterventionVariables["input"];
  layers: number;
  headsPerLayer: number;
  /** Head and MLP that have a slider where nothing else is chosen. */
  usual: readonly string[];
  /** Layers whose MLP the run gave an intercept, and the one shown first. */
  intercepts: readonly number[];
  headline: number | null;
  text: string;
  onText: (text: string) => void;
}

/** Sliders over heads and MLPs of the model, and what it then says next. */
export function InterventionPanel(props: Props) {
  const { layers, headsPerLayer, intercepts } = props;
  const { heads } = useSelection();
  const [edits, change] = useEdits(props.text, props.onText);
  const { run, client } = props.input;
  const own = ownInput(props.own);
  const variables: InterventionVariables = {
    input: own ? { run, client, ...own } : props.input,
    change: interventionInput(edits),
  };
  const answer = useLatest(InterventionQuery, variables);
  const result = answer.data?.livePrompt.intervention;
  const chosen = heads.map(({ label }) => label);
  const parts = shownParts(edits, chosen.length > 0 ? [...chosen, ...props.usual.slice(1)] : props.usual);
  const there = ({ layer, head }: ScaledPart) => layer < layers && (head ?? 0) < headsPerLayer;

  return (
    <Panel className="px-5 pt-4 pb-5">
      <div className="flex items-start justify-between gap-3">
        <div>
          <h3 className="text-base">Change the model</h3>
          <p className="label">factors at the last position; nothing is stored</p>
        </div>
        <Button
          disabled={edits.parts.length === 0 && edits.intercept === null}
          onClick={() => change(NO_EDITS)}
        >
          Reset
        </Button>
      </div>
      <div className="mt-3 grid gap-0.5">
        {parts.filter(there).map((part) => (
          <PartSlider
            key={part.label}
            label={part.label}
            name={`scale of ${part.label}`}
            value={part.scale}
            range={SCALE}
            neutral={1}
            onChange={(scale) => change(withPart(edits, { ...part, scale }))}
            onRemove={
              edits.parts.some(({ label }) => label === part.label)
                ? () => change(withoutPart(edits, part.label))
                : undefined
            }
          />
        ))}
      </div>
      <AddPart
        layers={layers}
        headsPerLayer={headsPerLayer}
        onAdd={(part) => change(withPart(edits, part))}
      />
      {intercepts.length > 0 && (
        <InterceptSlider edits={edits} layers={intercepts} headline={props.headline} onChange={change} />
      )}
      <hr className="my-4 border-line" />
      <div className="mb-4">
        <OwnTextField own={props.own} onOwn={props.onOwn} />
      </div>
      {answer.error && (
        <div className="mb-3">
          <ErrorState error={answer.error} onRetry={answer.retry} />
        </div>
      )}
      {result ? (
        <div
          aria-busy={answer.busy}
          data-answered={JSON.stringify(answer.answered?.change)}
          data-milliseconds={answer.milliseconds ?? undefined}
        >
          <AnswerLine result={result} />
          <TopTokens result={result} />
        </div>
      ) : (
        !answer.error && <Skeleton className="h-[300px]" />
      )}
      <p className="sr-only" aria-live="polite">
        {result && !answer.busy ? spoken(result) : ""}
      </p>
    </Panel>
  );
}

/** What has a slider: what is chosen in the figures, and what was changed before. */
function shownParts(edits: Edits, chosen: readonly string[]): ScaledPart[] {
  const offered = chosen.flatMap((label) => partOf(label) ?? []);
  const own = [...offered, ...edits.parts].map(({ label }) => label);
  return [...new Set(own)].map((label) => edits.parts.find((part) => part.label === label) ?? partOf(label)!);
}

function AddPart(props: { layers: number; headsPerLayer: number; onAdd: (part: ScaledPart) => void }) {
  const [text, setText] = useState("");
  const problem = useId();
  const part = partOf(text);
  const there =
    part !== null && part.layer < props.layers && (part.head === null || part.head < props.headsPerLayer);
  const wrong = text.trim() !== "" && !there;
  const lastHead = `L${props.layers - 1}H${props.headsPerLayer - 1}`;
  return (
    <form
      className="mt-2"
      onSubmit={(event) => {
        event.preventDefault();
        if (!part || !there) return;
        props.onAdd(part);
        setText("");
      }}
    >
      <div className="flex items-center gap-2">
        <label className="min-w-0 flex-1">
          <span className="sr-only">Another head or MLP</span>
          <input
            className="control w-full"
            placeholder="Another, such as L4H1 or MLP5"
            value={text}
            aria-invalid={wrong}
            aria-describedby={wrong ? problem : undefined}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <Button type="submit" disabled={!there}>
          Add
        </Button>
      </div>
      {wrong && (
        <p id={problem} className="mt-1 text-xs text-ink-2">
          Heads go from L0H0 to {lastHead}, MLPs from MLP0 to {mlpLabel(props.layers - 1)}.
        </p>
      )}
    </form>
  );
}

function InterceptSlider(props: {
  edits: Edits;
  layers: readonly number[];
  headline: number | null;
  onChange: (edits: Edits) => void;
}) {
  const { edits, layers, onChange } = props;
  const usual = props.headline !== null && layers.includes(props.headline) ? props.headline : layers.at(-1)!;
  const layer = edits.intercept?.layer ?? usual;
  const alpha = edits.intercept?.alpha ?? 0;
  return (
    <div className="mt-4">
      <div className="flex items-center justify-between gap-3">
        <p
          className="text-sm font-medium"
          data-tip={
            "The function the run found\nb = mean m − Σ w x̄ of the run's decomposition (R2), added α times to what this MLP writes at the last position. It is one vector for the whole task: it can speak for answers of the right type, not for the right one among them."
          }
        >
          Add the intercept
        </p>
        <div className="flex items-center gap-2">
          <span className="text-sm text-ink-2">
            of{" "}
            <select
              aria-label="MLP whose intercept is added"
              className="control ml-1"
              value={layer}
              onChange={(event) =>
                onChange({ ...edits, intercept: { layer: Number(event.target.value), alpha: alpha || 1 } })
              }
            >
              {layers.map((own) => (
                <option key={own} value={own}>
                  {mlpLabel(own)}
                </option>
              ))}
            </select>
          </span>
          <Button
            aria-pressed={alpha !== 0}
            onClick={() => onChange({ ...edits, intercept: alpha === 0 ? { layer, alpha: 1 } : null })}
          >
            {alpha === 0 ? "Add" : "Remove"}
          </Button>
        </div>
      </div>
      <PartSlider
        label="α"
        name={`times the intercept of ${mlpLabel(layer)} is added`}
        value={alpha}
        range={ALPHA}
        neutral={0}
        onChange={(next) => onChange({ ...edits, intercept: next === 0 ? null : { layer, alpha: next } })}
      />
    </div>
  );
}

function AnswerLine({ result }: { result: Intervention }) {
  const [before, after] = [result.before.answer, result.after.answer];
  if (!before || !after) return null;
  const change = (after.probability - before.probability) * 100;
  const points = `${change > 0 ? "+" : change < 0 ? "−" : "±"}${Math.abs(change).toFixed(1)} points`;
  return (
    <div className="mb-3">
      <p className="flex items-baseline justify-between gap-3">
        <span className="text-sm text-ink-2">p(answer)</span>
        <span className="text-2xl font-semibold" data-testid="answer-probability">
          {formatValue(after.probability, "probability")}
        </span>
      </p>
      <p className="text-right text-xs text-ink-3">
        before {formatValue(before.probability, "probability")}, {points}; rank {formatInteger(before.rank)} →{" "}
        {formatInteger(after.rank)}; logit {formatNumber(before.logit)} → {formatNumber(after.logit)}
      </p>
    </div>
  );
}

const spoken = ({ after, compared }: Intervention): string => {
  const top = compared[0];
  const answer = after.answer
    ? `probability of the answer ${formatValue(after.answer.probability, "probability")}, rank ${after.answer.rank}. `
    : "";
  return `${answer}${top ? `Likeliest: ${top.text.trim()}` : ""}`;
};
