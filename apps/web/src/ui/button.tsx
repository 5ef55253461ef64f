import type { ComponentProps } from "react";
import { cx } from "./class-names.ts";
import { Link } from "./link.tsx";

type Look = "primary" | "secondary" | "quiet" | "danger";
const LOOKS: Record<Look, string> = {
  primary: "bg-ink text-paper hover:bg-ink-2 border border-transparent",
  secondary: "border border-line-strong bg-surface text-ink hover:border-ink-3",
  quiet: "border border-transparent text-ink-2 hover:bg-sunken hover:text-ink",
  danger: "border border-transparent bg-bad text-paper hover:opacity-90",
};
const SHAPE =
  "inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md px-3 text-sm font-medium " +
  "whitespace-nowrap transition-colors disabled:opacity-50";

export function Button({
  look = "secondary",
  className,
  ...props
}: ComponentProps<"button"> & { look?: Look }) {
  return <button type="button" className={cx(SHAPE, LOOKS[look], className)} {...props} />;
}

export function ButtonLink({
  look = "secondary",
  className,
  ...props
}: ComponentProps<typeof Link> & { look?: Look }) {
  return <Link className={cx(SHAPE, LOOKS[look], className)} {...props} />;
}

/** A square button with an icon; `label` is its name and tooltip. */
export function IconButton({ label, className, ...props }: ComponentProps<"button"> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      data-tip={label}
      className={cx(
        "inline-flex size-7 items-center justify-center rounded-md text-ink-3 transition-colors",
        "hover:bg-sunken hover:text-ink aria-pressed:bg-sunken aria-pressed:text-ink",
        className,
      )}
      {...props}
    />
  );
}
