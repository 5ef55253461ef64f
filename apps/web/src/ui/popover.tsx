"use client";
import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";

/** A button that opens a small panel beside it. */
export function Popover(props: { trigger: ReactNode; label: string; children: ReactNode }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{props.trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={props.label}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-40 rounded-lg border border-line bg-surface p-3 text-sm shadow-float"
        >
          {props.children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
