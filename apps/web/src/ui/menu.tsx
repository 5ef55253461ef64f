"use client";
import { DropdownMenu } from "radix-ui";
import { Fragment, type ReactNode } from "react";

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  hint?: string;
  /** Begins a new group, with a line above. */
  separated?: boolean;
  onSelect: () => void;
}

/** A button (the child) that opens a list of actions. */
export function Menu(props: { items: MenuItem[]; onOpen?: () => void; children: ReactNode }) {
  const { items, onOpen, children } = props;
  return (
    <DropdownMenu.Root modal={false} onOpenChange={(open) => open && onOpen?.()}>
      <DropdownMenu.Trigger asChild>{children}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
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
