import type { ComponentProps } from "react";
import { cx } from "./class-names.ts";
import { ChevronIcon, CloseIcon } from "./icons.tsx";

/** The button of a filter: its name, and what it is set to. Give it to a menu or popover as the thing that opens. */
export function ChipButton({
  name,
  value,
  ...props
}: Omit<ComponentProps<"button">, "name" | "value"> & { name: string; value: string | null }) {
  return (
    <button
      type="button"
      {...props}
      className={cx(
        "inline-flex h-7 items-center gap-1 rounded-md border px-2.5 text-xs whitespace-nowrap transition-colors hover:border-ink-3",
        value === null
          ? "border-line-strong border-dashed text-ink-2"
          : "border-line-strong bg-surface text-ink",
      )}
    >
      {name}
      {value === null ? (
        <ChevronIcon size={12} className="rotate-90 text-ink-3" />
      ) : (
        <span className="max-w-44 truncate font-medium">{value}</span>
      )}
    </button>
  );
}

/** Takes a filter away. */
export function ChipClear({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <button
      type="button"
      aria-label={label}
      onClick={onClick}
      className="-ml-1 inline-flex size-[24px] items-center justify-center rounded text-ink-3 hover:bg-sunken hover:text-ink"
    >
      <CloseIcon size={12} />
    </button>
  );
}

/** A word that a run is marked with. */
export function Tag({ name }: { name: string }) {
  return (
    <span className="inline-flex h-5 max-w-32 items-center rounded border border-line bg-surface px-1.5 text-xs text-ink-2">
      <span className="truncate">{name}</span>
    </span>
  );
}
