import { KNOWN_FILTER_LABELS, PRECISION_LABELS, SWEEP_MODE_LABELS } from "@/format/runs.ts";
import { AnalysesField, type ListedAnalysis } from "./analyses-field.tsx";
import { CorruptionField, type ListedCorruption } from "./corruption-field.tsx";
import { Field } from "./field.tsx";
import { analysesText, type FormState, type FormValues, RANGES } from "./form-state.ts";
import { ShotsChoice } from "./shots-choice.tsx";

type Range = keyof typeof RANGES;
const NUMBERS: Record<Range, { label: string; help: string }> = {
  leadIns: { label: "Lead-ins", help: "Sentences tried before each clause; the first is none" },
  seed: { label: "Seed", help: "Donors, examples and resamples follow from it" },
  bootstrap: { label: "Bootstrap", help: "Resamples of the facts behind every interval" },
  sweep: {
    label: "Prompts per fact in sweeps",
    help: "How many prompts of each fact the further analyses with a pass per head use",
  },
};

const SWEEP = "head-position-sweep";

export const standardOf = (listed: readonly ListedAnalysis[]): string[] =>
  listed.filter(({ standard }) => standard).map(({ id }) => id);

export function SettingsFields(props: {
  values: FormValues;
  problems: FormState["problems"];
  listed: readonly ListedAnalysis[];
  corruptions: readonly ListedCorruption[];
  chosen: readonly string[];
  onChange: (change: Partial<FormValues>) => void;
}) {
  const { values, problems, listed, corruptions, chosen, onChange } = props;
  const choose = (ids: string[]) => onChange({ analyses: analysesText(ids, standardOf(listed)) });
  const number = (name: Range) => {
    const { label, help } = NUMBERS[name];
    return (
      <label className="block">
        <span className="mb-1 block text-sm font-medium" data-tip={help}>
          {label}
        </span>
        <input
          type="number"
          className="control w-full aria-invalid:border-bad"
          min={RANGES[name].low}
          max={RANGES[name].high}
          value={values[name]}
          aria-invalid={problems[name] !== undefined}
          onChange={(event) => onChange({ [name]: event.target.value })}
        />
        <span className={`mt-0.5 block text-2xs ${problems[name] ? "text-bad" : "text-ink-3"}`}>
          {problems[name] ?? `${RANGES[name].low} to ${RANGES[name].high.toLocaleString("en-US")}`}
        </span>
      </label>
    );
  };
  return (
    <>
      <Field
        title="Worked examples (shots)"
        help="Demonstrations before the question; several numbers make a study"
      >
        <ShotsChoice value={values.shots} onChange={(shots) => onChange({ shots })} />
      </Field>
      <label className="block">
        <span
          className="mb-1 block text-sm font-medium"
          data-tip="A fact is known when this holds on at least half of its prompts"
        >
          A fact counts as known when
        </span>
        <select
          className="control w-full"
          value={values.known}
          onChange={(event) => onChange({ known: event.target.value })}
        >
          {Object.entries(KNOWN_FILTER_LABELS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <div className="grid grid-cols-3 gap-3">
        {number("leadIns")}
        {number("seed")}
        {number("bootstrap")}
      </div>
      <label className="block">
        <span
          className="mb-1 block text-sm font-medium"
          data-tip="Products with the model's matrices. float16 needs a GPU whose adapter has it: where no worker has one, such a run is refused"
        >
          Products in
        </span>
        <select
          className="control w-full"
          value={values.precision}
          onChange={(event) => onChange({ precision: event.target.value })}
        >
          {Object.entries(PRECISION_LABELS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <CorruptionField corruptions={corruptions} listed={listed} chosen={chosen} onChange={choose} />
      <AnalysesField listed={listed} chosen={chosen} onChange={choose} />
      {chosen.length > 0 && number("sweep")}
      {chosen.includes(SWEEP) && (
        <label className="block">
          <span
            className="mb-1 block text-sm font-medium"
            data-tip="Screened: gradients estimate every place; those that could matter, and a random sample of the others, are patched exactly"
          >
            Sweep over heads and positions
          </span>
          <select
            className="control w-full"
            value={values.mode}
            onChange={(event) => onChange({ mode: event.target.value })}
          >
            {Object.entries(SWEEP_MODE_LABELS).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      )}
    </>
  );
}
