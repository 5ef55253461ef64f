"use client";
import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";

/** A button that opens a small panel beside it. */
export function Popover(props: {
  trigger: ReactNode;
  label: string;
  align?: "start" | "end";
  /** Size, padding and layer of the panel. */
  className?: string;
  /** For panels that close themselves. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  children: ReactNode;
}) {
  const { trigger, label, align = "start", className = "z-40 p-3", open, onOpenChange, children } = props;
  return (
    <Radix.Root {...(open !== undefined && { open })} {...(onOpenChange && { onOpenChange })}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          align={align}
          sideOffset={4}
          collisionPadding={12}
          className={cx("rounded-lg border border-line bg-surface text-sm shadow-float", className)}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
