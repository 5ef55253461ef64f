"use client";
import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./class-names.ts";
import { type OverlayButton, OverlayTrigger } from "./overlay-button.tsx";

/** The panel that a `Popover` opens. */
export function PopoverOverlay(props: {
  overlay: OverlayButton;
  label: string;
  align: "start" | "end";
  className: string;
  children: ReactNode;
}) {
  const { anchor, open, onOpenChange } = props.overlay;
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>
        <OverlayTrigger anchor={anchor} />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={props.label}
          align={props.align}
          sideOffset={4}
          collisionPadding={12}
          className={cx("rounded-lg border border-line bg-surface text-sm shadow-float", props.className)}
        >
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
