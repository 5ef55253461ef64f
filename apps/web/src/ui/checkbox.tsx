import { CheckIcon } from "./icons.tsx";

/** A box of 16 px in a target of 24 px, the least that WCAG 2.2 asks for. */
export function Checkbox(props: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: string;
  disabled?: boolean;
}) {
  return (
    <span className="group relative -mx-[4px] -my-[3px] grid size-[24px] shrink-0 place-items-center has-disabled:opacity-50">
      <input
        type="checkbox"
        checked={props.checked}
        disabled={props.disabled}
        onChange={(event) => props.onChange(event.target.checked)}
        onClick={(event) => event.stopPropagation()}
        aria-label={props.label}
        className="peer absolute inset-0 m-0 size-full cursor-pointer appearance-none rounded disabled:cursor-not-allowed"
      />
      <span className="pointer-events-none grid size-[16px] place-items-center rounded border border-line-strong bg-surface text-paper group-hover:border-ink peer-checked:border-ink peer-checked:bg-ink">
        {props.checked && <CheckIcon size={12} />}
      </span>
    </span>
  );
}
