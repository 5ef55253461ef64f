import type { ReactNode, Ref } from "react";
import { cx } from "./class-names.ts";
import { SearchIcon } from "./icons.tsx";

/** A box that narrows a list down. */
export function SearchField(props: {
  placeholder: string;
  value: string;
  onChange: (text: string) => void;
  ref?: Ref<HTMLInputElement>;
  className?: string;
  /** What stands over its right end. */
  children?: ReactNode;
}) {
  const { placeholder, value, onChange, ref, className, children } = props;
  return (
    <label className={cx("relative inline-block", className)}>
      <span className="sr-only">Search</span>
      <SearchIcon size={14} className="pointer-events-none absolute top-[9px] left-2.5 text-ink-3" />
      <input
        ref={ref}
        type="search"
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="control w-60 pl-8"
      />
      {children}
    </label>
  );
}
