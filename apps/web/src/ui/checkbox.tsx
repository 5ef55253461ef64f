"use client";
import { Checkbox as Radix } from "radix-ui";
import { CheckIcon } from "./icons.tsx";

/** A box of 16 px in a target of 24 px, the least that WCAG 2.2 asks for. */
export function Checkbox(props: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: string;
  disabled?: boolean;
}) {
  return (
    <Radix.Root
      checked={props.checked}
      disabled={props.disabled}
      onCheckedChange={(checked) => props.onChange(checked === true)}
      onClick={(event) => event.stopPropagation()}
      aria-label={props.label}
      className="group -mx-[4px] -my-[3px] grid size-[24px] shrink-0 place-items-center rounded disabled:opacity-50"
    >
      <span className="grid size-[16px] place-items-center rounded border border-line-strong bg-surface text-paper group-hover:border-ink group-data-[state=checked]:border-ink group-data-[state=checked]:bg-ink">
        <Radix.Indicator>
          <CheckIcon size={12} />
        </Radix.Indicator>
      </span>
    </Radix.Root>
  );
}
