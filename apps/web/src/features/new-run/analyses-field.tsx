import type { ResultOf } from "@/graphql/graphql.ts";
import { Checkbox } from "@/ui/checkbox.tsx";
import type { FurtherAnalysesQuery } from "./queries.ts";

export type ListedAnalysis = ResultOf<typeof FurtherAnalysesQuery>["furtherAnalyses"][number];

/** Which further analyses to run, by the step of the account they belong to. */
export function AnalysesField(props: {
  listed: readonly ListedAnalysis[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}) {
  const { listed, chosen, onChange } = props;
  const mechanisms = [...new Set(listed.map(({ mechanism }) => mechanism))];
  const toggle = (id: string) =>
    onChange(chosen.includes(id) ? chosen.filter((other) => other !== id) : [...chosen, id]);
  return (
    <fieldset>
      <div className="mb-1 flex items-baseline justify-between gap-3">
        <legend className="text-sm font-medium">Further analyses</legend>
        <span className="flex gap-3 text-2xs text-ink-3">
          <Preset label="standard" ids={listed.filter(({ standard }) => standard)} onChange={onChange} />
          <Preset label="all" ids={listed} onChange={onChange} />
          <Preset label="none" ids={[]} onChange={onChange} />
        </span>
      </div>
      <div className="max-h-64 overflow-y-auto rounded-md border border-line px-3 py-2">
        {mechanisms.map((mechanism) => (
          <div key={mechanism} className="py-1">
            <p className="text-2xs text-ink-3 first-letter:uppercase">{mechanism}</p>
            {listed
              .filter((analysis) => analysis.mechanism === mechanism)
              .map(({ id, title, summary }) => (
                <div key={id} className="flex items-center gap-2 py-0.5 text-sm" data-tip={summary}>
                  <Checkbox checked={chosen.includes(id)} onChange={() => toggle(id)} label={title} />
                  <span aria-hidden="true">{title}</span>
                </div>
              ))}
          </div>
        ))}
      </div>
    </fieldset>
  );
}

function Preset(props: {
  label: string;
  ids: readonly ListedAnalysis[];
  onChange: (chosen: string[]) => void;
}) {
  return (
    <button
      type="button"
      className="underline decoration-line-strong underline-offset-2 hover:text-ink"
      onClick={() => props.onChange(props.ids.map(({ id }) => id))}
    >
      {props.label}
    </button>
  );
}
