import type { ResultOf } from "@/graphql/graphql.ts";
import { TickList } from "@/ui/tick-list.tsx";
import type { ListedAnalysis } from "./analyses-field.tsx";
import { Field } from "./field.tsx";
import type { FurtherAnalysesQuery } from "./queries.ts";

export type ListedCorruption = ResultOf<typeof FurtherAnalysesQuery>["corruptions"][number];

/** Which corrupted prompts are asked. Those that not every run asks are asked by further analyses: a tick here is a tick there. */
export function CorruptionField(props: {
  corruptions: readonly ListedCorruption[];
  listed: readonly ListedAnalysis[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}) {
  const { corruptions, listed, chosen, onChange } = props;
  const analysesOf = (id: string) => listed.filter(({ corruption }) => corruption === id);
  const ticked = corruptions
    .filter(({ id, everyRun }) => everyRun || analysesOf(id).some((each) => chosen.includes(each.id)))
    .map(({ id }) => id);
  const change = (wanted: readonly string[]) => {
    const changed = corruptions.filter(
      ({ id, everyRun }) => !everyRun && wanted.includes(id) !== ticked.includes(id),
    );
    const ids = changed.flatMap(({ id }) => analysesOf(id).map((each) => each.id));
    const added = ids.filter((id) =>
      wanted.includes(listed.find((each) => each.id === id)?.corruption ?? ""),
    );
    onChange([...chosen.filter((id) => !ids.includes(id)), ...added]);
  };
  return (
    <Field
      title="Corrupted prompts"
      help="What a fact's own prompts are compared with: a part that matters carries the difference"
    >
      <TickList
        label="Corrupted prompts"
        chosen={ticked}
        onChange={change}
        items={corruptions.map(({ id, title, summary, everyRun }) => ({
          value: id,
          label: title,
          tip: everyRun ? summary : `${summary}\n${names(analysesOf(id))}`,
          hint: everyRun ? "every run" : countOf(analysesOf(id).length),
          disabled: everyRun,
        }))}
      />
    </Field>
  );
}

const countOf = (analyses: number): string => (analyses === 1 ? "1 analysis" : `${analyses} analyses`);
const names = (analyses: readonly ListedAnalysis[]): string =>
  `By: ${analyses.map(({ title }) => title).join(", ")}`;
