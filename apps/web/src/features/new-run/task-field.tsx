import { plural } from "@/format/numbers.ts";
import { TickList } from "@/ui/tick-list.tsx";
import { Field } from "./field.tsx";

interface TaskChoice {
  slug: string;
  title: string;
  domain: string;
  factCount: number;
}

export function TaskField(props: {
  tasks: readonly TaskChoice[];
  chosen: readonly string[];
  onChange: (slugs: string[]) => void;
}) {
  const { tasks, chosen, onChange } = props;
  const unknown = chosen.filter((slug) => !tasks.some((task) => task.slug === slug));
  const byDomain = [...tasks].sort((a, b) => a.domain.localeCompare(b.domain));
  return (
    <Field title="Tasks" aside={<span className="label">several make a study</span>}>
      <TickList
        label="Tasks"
        className="max-h-56"
        chosen={chosen}
        onChange={onChange}
        items={[
          ...byDomain.map(({ slug, title, domain, factCount }) => ({
            value: slug,
            label: title,
            tip: slug,
            group: domain,
            hint: plural(factCount, "fact"),
          })),
          ...unknown.map((slug) => ({ value: slug, label: slug, hint: "not a task here" })),
        ]}
      />
    </Field>
  );
}
