import type { Series } from "./series.ts";
import { SeriesMark } from "./series-mark.tsx";

/** Head of a table with a column per run; a click on a run makes it the baseline. */
export function RunColumns(props: {
  series: readonly Series[];
  /** Columns of each run. */
  span?: number;
  onBaseline: (id: string) => void;
}) {
  return (
    <thead>
      <tr>
        <td className="sticky left-0 z-[1] bg-surface" />
        {props.series.map((series) => (
          <th
            key={series.run.id}
            scope="colgroup"
            colSpan={props.span ?? 1}
            className="px-4 pt-3 pb-2 text-left align-bottom font-medium whitespace-nowrap"
          >
            <SeriesMark series={series} className="mb-1 block" />
            {series.baseline ? (
              <>
                {series.name}
                <span className="ml-2 text-xs font-normal text-ink-3">baseline</span>
              </>
            ) : (
              <button
                type="button"
                className="text-left hover:text-answer"
                data-tip={"Make it the baseline\nall deltas then refer to this run"}
                onClick={() => props.onBaseline(series.run.id)}
              >
                {series.name}
              </button>
            )}
          </th>
        ))}
      </tr>
    </thead>
  );
}
