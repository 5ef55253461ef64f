"use client";
import { DropdownMenu } from "radix-ui";
import { Fragment } from "react";
import type { MenuItem } from "./menu.tsx";
import { type OverlayButton, OverlayTrigger } from "./overlay-button.tsx";

/** The list of actions that a `Menu` opens. */
export function MenuOverlay({ items, overlay }: { items: readonly MenuItem[]; overlay: OverlayButton }) {
  const { anchor, id, open, onOpenChange } = overlay;
  return (
    <DropdownMenu.Root modal={false} open={open} onOpenChange={onOpenChange}>
      <DropdownMenu.Trigger asChild>
        <OverlayTrigger anchor={anchor} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-labelledby={id}
          align="end"
          sideOffset={4}
          // The button closes what it opened by itself.
          onInteractOutside={(event) => {
            if (event.target instanceof Node && anchor.current?.contains(event.target))
              event.preventDefault();
          }}
          className="z-50 min-w-40 rounded-lg border border-line bg-surface p-1 text-sm shadow-float"
        >
          {items.map((item) => (
            <Fragment key={item.label}>
              {item.separated && <DropdownMenu.Separator className="mx-1 my-1 h-px bg-line" />}
              <DropdownMenu.Item
                onSelect={item.onSelect}
                className="flex cursor-pointer items-center gap-2 rounded-md px-2.5 py-1.5 outline-none data-highlighted:bg-sunken"
              >
                {item.icon && <span className="text-ink-3">{item.icon}</span>}
                {item.label}
                {item.hint && <span className="ml-auto pl-6 text-xs text-ink-3">{item.hint}</span>}
              </DropdownMenu.Item>
            </Fragment>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
