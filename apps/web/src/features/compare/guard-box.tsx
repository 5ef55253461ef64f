import { Notice } from "@/ui/states.tsx";
import { type Difference, differences } from "./differences.ts";
import type { Series } from "./series.ts";

/** Names what differs between the runs besides model, task and shots. */
export function GuardBox({ series }: { series: readonly Series[] }) {
  const found = differences(series.map(({ run }) => run));
  if (found.length === 0) {
    return (
      <p className="text-sm text-ink-2">
        <span className="font-medium text-good">Comparable.</span> Only model, task or shots differ: settings
        and engine are the same. Each run measures the facts that its own model knows.
      </p>
    );
  }
  const serious = found.filter((difference) => difference.serious);
  return (
    <Notice tone={serious.length > 0 ? "bad" : "warn"}>
      <p className="font-medium">
        {serious.length > 0
          ? "These runs do not measure the same thing"
          : "More differs than model, task and shots"}
      </p>
      <table className="mt-1 text-sm" aria-label="What differs">
        <tbody>
          {found.map((difference) => (
            <Row key={difference.name} difference={difference} series={series} />
          ))}
        </tbody>
      </table>
    </Notice>
  );
}

function Row({ difference, series }: { difference: Difference; series: readonly Series[] }) {
  return (
    <tr className="align-baseline">
      <th scope="row" className="py-0.5 pr-6 text-left font-medium whitespace-nowrap">
        {difference.name}
      </th>
      {difference.values.map((value, index) => (
        <td
          key={series[index]?.run.id}
          className="py-0.5 pr-6 whitespace-nowrap"
          data-tip={series[index]?.name}
        >
          {value}
        </td>
      ))}
      <td className="py-0.5 text-ink-2">{difference.why}</td>
    </tr>
  );
}
