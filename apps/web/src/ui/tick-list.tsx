"use client";
import { useState } from "react";
import { Checkbox } from "./checkbox.tsx";
import { cx } from "./class-names.ts";
import { SearchIcon } from "./icons.tsx";

export interface TickItem {
  value: string;
  label: string;
  hint?: string;
  tip?: string;
  /** Under which heading it stands. */
  group?: string;
  disabled?: boolean;
}

/** A box that typing narrows down shows from so many entries on. */
const FILTER_FROM = 8;

/** A list of which any number of entries is ticked; long ones have groups, a box to narrow them down, and scroll. */
export function TickList(props: {
  label: string;
  items: readonly TickItem[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  className?: string;
}) {
  const { label, items, chosen, onChange, className } = props;
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const shown = items.filter((item) => `${item.label} ${item.value}`.toLowerCase().includes(wanted));
  const groups = [...new Set(shown.map(({ group }) => group))];
  const toggle = (value: string, ticked: boolean) =>
    onChange(ticked ? [...chosen, value] : chosen.filter((each) => each !== value));
  return (
    <fieldset aria-label={label} className="rounded-md border border-line-strong bg-surface">
      {items.length >= FILTER_FROM && (
        <div className="relative border-b border-line">
          <SearchIcon size={13} className="pointer-events-none absolute top-2 left-2.5 text-ink-3" />
          <input
            aria-label={`Narrow down: ${label}`}
            placeholder="Narrow down"
            className="h-7.5 w-full rounded-t-md bg-transparent pr-2 pl-8 text-sm placeholder:text-ink-3"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
      )}
      <div className={cx("overflow-y-auto py-1", className)}>
        {groups.map((group) => (
          <div key={group ?? ""}>
            {group && <p className="label px-3 pt-1.5 pb-0.5 first-letter:uppercase">{group}</p>}
            {shown
              .filter((item) => item.group === group)
              .map((item) => (
                <div
                  key={item.value}
                  data-tip={item.tip}
                  className={cx(
                    "flex items-center gap-2.5 px-3 py-1 text-sm",
                    item.disabled ? "text-ink-3" : "hover:bg-sunken/60",
                  )}
                >
                  <Checkbox
                    checked={chosen.includes(item.value)}
                    disabled={item.disabled}
                    onChange={(ticked) => toggle(item.value, ticked)}
                    label={item.label}
                  />
                  <button
                    type="button"
                    tabIndex={-1}
                    disabled={item.disabled}
                    className="flex min-w-0 flex-1 items-baseline justify-between gap-3 text-left"
                    onClick={() => toggle(item.value, !chosen.includes(item.value))}
                  >
                    <span className="truncate">{item.label}</span>
                    {item.hint && <span className="label whitespace-nowrap">{item.hint}</span>}
                  </button>
                </div>
              ))}
          </div>
        ))}
        {shown.length === 0 && <p className="label px-3 py-2">nothing of this name</p>}
      </div>
    </fieldset>
  );
}
