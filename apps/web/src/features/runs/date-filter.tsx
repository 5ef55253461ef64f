"use client";
import { ChipButton, ChipClear } from "@/ui/chip.tsx";
import { Popover } from "@/ui/popover.tsx";
import { dayAgo } from "./filters.ts";

interface DateFilterProps {
  /** Days, both included; empty for no bound. */
  from: string;
  until: string;
  onChange: (change: { from: string; until: string }) => void;
}

const PRESETS = [
  { label: "Today", days: 0 },
  { label: "Last 7 days", days: 6 },
  { label: "Last 30 days", days: 29 },
];

/** When runs were asked for. */
export function DateFilter({ from, until, onChange }: DateFilterProps) {
  const value =
    from && until ? `${from} to ${until}` : from ? `since ${from}` : until ? `until ${until}` : null;
  return (
    <span className="inline-flex items-center gap-1">
      <Popover label="When runs were asked for" trigger={<ChipButton name="Date" value={value} />}>
        <div className="flex gap-1">
          {PRESETS.map(({ label, days }) => (
            <button
              key={label}
              type="button"
              aria-pressed={from === dayAgo(days) && until === ""}
              onClick={() => onChange({ from: dayAgo(days), until: "" })}
              className="rounded-md px-2 py-1 text-xs text-ink-2 hover:bg-sunken hover:text-ink aria-pressed:bg-sunken aria-pressed:text-ink"
            >
              {label}
            </button>
          ))}
        </div>
        <div className="mt-2 grid grid-cols-2 gap-2">
          <Day label="From" value={from} onChange={(day) => onChange({ from: day, until })} />
          <Day label="Until, included" value={until} onChange={(day) => onChange({ from, until: day })} />
        </div>
      </Popover>
      {value !== null && <ChipClear label="Clear Date" onClick={() => onChange({ from: "", until: "" })} />}
    </span>
  );
}

function Day(props: { label: string; value: string; onChange: (day: string) => void }) {
  return (
    <label>
      <span className="label mb-0.5 block">{props.label}</span>
      <input
        type="date"
        className="control w-36"
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </label>
  );
}
