import { plural } from "@/format/numbers.ts";
import { cx } from "@/ui/class-names.ts";

interface TaskChoice {
  id: string;
  slug: string;
  title: string;
  factCount: number;
}

export function TaskField(props: {
  tasks: readonly TaskChoice[];
  value: string;
  onChange: (slug: string) => void;
}) {
  const { tasks, value, onChange } = props;
  return (
    <fieldset>
      <legend className="mb-1 text-sm font-medium">Task</legend>
      <div className="grid gap-1.5">
        {tasks.map(({ id, slug, title, factCount }) => (
          <label
            key={id}
            className={cx(
              "flex cursor-pointer items-baseline justify-between gap-3 rounded-md border px-3 py-2 text-sm transition-colors",
              "has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-answer",
              slug === value ? "border-ink bg-surface" : "border-line hover:border-line-strong",
            )}
          >
            <span className="flex items-baseline gap-2.5">
              <input
                type="radio"
                name="task"
                value={slug}
                checked={slug === value}
                onChange={() => onChange(slug)}
                className="accent-[var(--ink)] outline-none"
              />
              <span className={slug === value ? "font-medium" : ""}>{title}</span>
            </span>
            <span className="label whitespace-nowrap">{plural(factCount, "fact")}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
