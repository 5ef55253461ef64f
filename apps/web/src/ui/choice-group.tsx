"use client";
import { ToggleGroup } from "radix-ui";

/** A few exclusive choices side by side. */
export function ChoiceGroup<Value extends string>(props: {
  label: string;
  value: Value;
  choices: readonly { value: Value; label: string; tip?: string }[];
  onChange: (value: Value) => void;
}) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={props.label}
      value={props.value}
      onValueChange={(value) => value && props.onChange(value as Value)}
      className="inline-flex rounded-md bg-sunken p-0.5"
    >
      {props.choices.map(({ value, label, tip }) => (
        <ToggleGroup.Item
          key={value}
          value={value}
          data-tip={tip}
          className="h-6 rounded-[5px] px-2.5 text-xs font-medium whitespace-nowrap text-ink-2 transition-colors hover:text-ink data-[state=on]:bg-surface data-[state=on]:text-ink data-[state=on]:shadow-[0_0_0_1px_var(--line)]"
        >
          {label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
