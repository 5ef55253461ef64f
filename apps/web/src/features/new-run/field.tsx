import type { ReactNode } from "react";

/** A part of the form under its heading, with what else belongs on that line. */
export function Field(props: { title: string; help?: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <div>
      <div className="mb-1 flex items-baseline justify-between gap-3">
        <h2 className="text-sm font-medium tracking-normal" data-tip={props.help}>
          {props.title}
        </h2>
        {props.aside}
      </div>
      {props.children}
    </div>
  );
}

/** A small action on a heading's line. */
export function FieldAction(props: { label: string; onClick: () => void; expanded?: boolean }) {
  return (
    <button
      type="button"
      aria-expanded={props.expanded}
      className="text-xs text-ink-2 underline decoration-line-strong underline-offset-2 hover:text-ink"
      onClick={props.onClick}
    >
      {props.label}
    </button>
  );
}
