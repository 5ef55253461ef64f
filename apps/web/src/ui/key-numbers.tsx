import { formatInterval } from "@/format/estimates.ts";
import type { Unit } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import { EstimateValue, PlainValue } from "./number.tsx";

export interface KeyNumber {
  label: string;
  help: string;
  unit: Unit;
  signed?: boolean;
  estimate?: Estimate;
  /** For numbers without an interval. */
  plain?: number | null;
  /** Beside `plain`: what it is counted over, such as `n 48 facts`. */
  over?: string;
}

/** A line of the numbers that matter, each with its 95 % interval and n. */
export function KeyNumbers({ items }: { items: KeyNumber[] }) {
  const intervals = items.some(({ estimate, over }) => estimate || over);
  return (
    <dl className="flex flex-wrap gap-x-10 gap-y-3 px-1">
      {items.map(({ label, help, unit, signed, estimate, plain, over }) => (
        <div key={label} className="min-w-24">
          <dt className="label" data-tip={help}>
            {label}
          </dt>
          <dd className="text-lg leading-6 font-medium">
            {estimate ? (
              <EstimateValue estimate={estimate} unit={unit} label={label} signed={signed} />
            ) : (
              <PlainValue value={plain ?? null} unit={unit} label={label} over={over} />
            )}
          </dd>
          {intervals && (
            <dd className="h-4 text-xs text-ink-3">
              {estimate ? <Interval estimate={estimate} unit={unit} /> : over}
            </dd>
          )}
        </div>
      ))}
    </dl>
  );
}

function Interval({ estimate, unit }: { estimate: Estimate; unit: Unit }) {
  if (estimate.value === null) return null;
  if (estimate.prompt !== undefined) return <>prompt {estimate.prompt}</>;
  const range = formatInterval(estimate, unit);
  return (
    <>
      {range ?? "no interval"}, n {estimate.n}
    </>
  );
}
