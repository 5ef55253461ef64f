import type { ResultOf } from "@/graphql/graphql.ts";
import { TickList } from "@/ui/tick-list.tsx";
import { Field, FieldAction } from "./field.tsx";
import type { FurtherAnalysesQuery } from "./queries.ts";

export type ListedAnalysis = ResultOf<typeof FurtherAnalysesQuery>["furtherAnalyses"][number];

/** Which further analyses to run, by the step of the account they belong to. */
export function AnalysesField(props: {
  listed: readonly ListedAnalysis[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}) {
  const { listed, chosen, onChange } = props;
  return (
    <Field
      title="Further analyses"
      help="Beyond what every run measures"
      aside={
        <span className="flex gap-3">
          <FieldAction
            label="standard"
            onClick={() => onChange(listed.filter(({ standard }) => standard).map(({ id }) => id))}
          />
          <FieldAction label="all" onClick={() => onChange(listed.map(({ id }) => id))} />
          <FieldAction label="none" onClick={() => onChange([])} />
        </span>
      }
    >
      <TickList
        label="Further analyses"
        className="max-h-56"
        chosen={chosen}
        onChange={onChange}
        items={listed.map(({ id, title, mechanism, summary }) => ({
          value: id,
          label: title,
          tip: summary,
          group: mechanism,
        }))}
      />
    </Field>
  );
}
