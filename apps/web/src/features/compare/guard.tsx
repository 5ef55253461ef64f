import type { ReactNode } from "react";
import type { CombinedError } from "urql";
import { Button } from "@/ui/button.tsx";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import { Notice } from "@/ui/states.tsx";
import { AXES, type Axis } from "./compare-state.ts";
import type { Comparison } from "./queries.ts";
import type { Series } from "./series.ts";

const AXIS_NAMES: Record<Axis, { label: string; tip: string }> = {
  MODEL: { label: "Model", tip: "Model\nthe same questions to several models" },
  TASK: { label: "Task", tip: "Task\nseveral tasks, or versions of a task" },
  SHOTS: { label: "Shots", tip: "Shots\nother numbers of demonstrations" },
  SETTINGS: { label: "Settings", tip: "Settings\nany other setting of the runs" },
  ENGINE: { label: "Engine", tip: "Engine\nwhether a run can be repeated" },
};

/** What the runs are meant to differ in. */
export function AxisChoice(props: {
  axis: Axis | null;
  /** Whether the axis was found by what the runs differ in. */
  automatic: boolean;
  onChange: (axis: Axis | null) => void;
}) {
  return (
    <div className="flex items-center gap-2.5">
      <span className="label">Compared along</span>
      <ChoiceGroup
        label="Compared along"
        value={props.axis ?? ("" as Axis)}
        choices={AXES.map((value) => ({ value, ...AXIS_NAMES[value] }))}
        onChange={props.onChange}
      />
      {props.automatic ? (
        <span className="label">found by what differs</span>
      ) : (
        <button type="button" className="label link" onClick={() => props.onChange(null)}>
          find it by what differs
        </button>
      )}
    </div>
  );
}

/** Names whatever differs between the runs besides the axis. */
export function Guard(props: {
  comparison: Comparison;
  series: readonly Series[];
  onStopForcing: () => void;
}) {
  const { axis, differences, forced } = props.comparison;
  const along = AXIS_NAMES[axis].label.toLowerCase();
  if (differences.length === 0) {
    return (
      <p className="text-sm text-ink-2">
        <span className="font-medium text-good">✓ Comparable.</span> Besides {along} nothing differs:
        questions, settings and engine are the same.
      </p>
    );
  }
  return (
    <Notice tone={forced ? "bad" : "warn"}>
      <p className="flex items-baseline justify-between gap-4">
        <span className="font-medium">
          {forced
            ? "Compared by force: these numbers do not mean the same"
            : `Besides ${along}, this differs`}
        </span>
        {forced && (
          <button type="button" className="link text-sm" onClick={props.onStopForcing}>
            Stop forcing
          </button>
        )}
      </p>
      <DifferenceTable differences={differences} names={props.series.map(({ name }) => name)} />
    </Notice>
  );
}

interface NamedDifference {
  name: string;
  values: readonly string[];
  why: string;
  prevents?: boolean;
}

function DifferenceTable(props: { differences: readonly NamedDifference[]; names: readonly string[] }) {
  return (
    <section
      className="overflow-x-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label="Differences"
    >
      <table className="mt-1 text-sm" aria-label="What differs">
        <tbody>
          {props.differences.map(({ name, values, why, prevents }) => (
            <tr key={name} className="align-baseline">
              <th scope="row" className="py-0.5 pr-6 text-left font-medium whitespace-nowrap">
                {prevents && <span aria-hidden="true">✕ </span>}
                {name}
              </th>
              {grouped(values, props.names).map(({ value, runs }) => (
                <td
                  key={value}
                  className="py-0.5 pr-6 whitespace-nowrap"
                  data-tip={`${name}\n${runs.join("\n")}`}
                >
                  {value}
                  <span className="ml-1.5 text-xs text-ink-3">
                    {runs.length === 1 ? runs[0] : `${runs.length} runs`}
                  </span>
                </td>
              ))}
              <td className="py-0.5 text-ink-2">{why}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Each value once, with the runs that have it. */
function grouped(values: readonly string[], names: readonly string[]): { value: string; runs: string[] }[] {
  return [...new Set(values)].map((value) => ({
    value,
    runs: names.filter((_, place) => values[place] === value),
  }));
}

/** The differences because of which the server refused to compare; null for any other error. */
export function refusedFor(error: CombinedError | undefined): NamedDifference[] | null {
  const refusal = error?.graphQLErrors.find(({ extensions }) => extensions.code === "NOT_COMPARABLE");
  return (refusal?.extensions.differences as NamedDifference[] | undefined) ?? null;
}

/** The server's refusal with its reasons, and the way past it. */
export function Refusal(props: {
  differences: readonly NamedDifference[];
  series: readonly Series[];
  onForce: () => void;
  otherAxis: ReactNode;
}) {
  return (
    <section
      role="alert"
      aria-label="Not comparable"
      className="rounded-lg border border-bad/40 bg-bad-soft px-5 py-4"
    >
      <h2 className="text-lg">These runs are not compared</h2>
      <p className="mt-1 text-sm text-ink-2">
        Besides what they are compared along they differ in what their numbers mean. A difference between such
        numbers says nothing about the models.
      </p>
      <DifferenceTable
        differences={props.differences.map((difference) => ({ ...difference, prevents: true }))}
        names={props.series.map(({ name }) => name)}
      />
      <div className="mt-4 flex items-center gap-2">
        {props.otherAxis}
        <Button onClick={props.onForce}>Compare anyway</Button>
      </div>
    </section>
  );
}
