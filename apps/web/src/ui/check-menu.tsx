"use client";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { CheckIcon } from "./icons.tsx";

export interface CheckItem {
  value: string;
  label: string;
  hint?: string;
}

const ITEM =
  "relative flex cursor-pointer items-center gap-2 rounded-md py-1.5 pr-2.5 pl-7 outline-none select-none data-highlighted:bg-sunken";
const Mark = () => (
  <DropdownMenu.ItemIndicator className="absolute left-2">
    <CheckIcon size={13} />
  </DropdownMenu.ItemIndicator>
);

/** A button (the child) that opens a list in which one or several entries are ticked; typing finds an entry. */
export function CheckMenu(props: {
  items: readonly CheckItem[];
  chosen: readonly string[];
  /** One entry at most, and ticking closes the list; else any number. */
  single?: boolean;
  onChange: (chosen: string[]) => void;
  /** Below the entries, e.g. that there are more. */
  note?: ReactNode;
  align?: "start" | "end";
  children: ReactNode;
}) {
  const { items, chosen, single, onChange, note, align = "start", children } = props;
  const toggle = (value: string, ticked: boolean) =>
    onChange(ticked ? [...(single ? [] : chosen), value] : chosen.filter((each) => each !== value));
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className="z-40 max-h-[min(420px,var(--radix-dropdown-menu-content-available-height))] min-w-44 overflow-y-auto rounded-lg border border-line bg-surface p-1 text-sm shadow-float"
        >
          {items.map(({ value, label, hint }) => (
            <DropdownMenu.CheckboxItem
              key={value}
              className={ITEM}
              checked={chosen.includes(value)}
              onCheckedChange={(ticked) => toggle(value, ticked)}
              onSelect={(event) => {
                if (!single) event.preventDefault();
              }}
            >
              <Mark />
              <span className="max-w-72 truncate">{label}</span>
              {hint && <span className="ml-auto pl-5 text-xs text-ink-3">{hint}</span>}
            </DropdownMenu.CheckboxItem>
          ))}
          {items.length === 0 && <p className="px-2.5 py-1.5 text-ink-3">none</p>}
          {note && <p className="label border-t border-line px-2.5 pt-1.5 pb-1">{note}</p>}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
