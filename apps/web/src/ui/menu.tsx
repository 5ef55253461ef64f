"use client";
import dynamic from "next/dynamic";
import type { ComponentProps, ReactElement, ReactNode } from "react";
import { useOverlayButton } from "./overlay-button.tsx";

export interface MenuItem {
  label: string;
  icon?: ReactNode;
  hint?: string;
  /** Begins a new group, with a line above. */
  separated?: boolean;
  onSelect: () => void;
}

const MenuOverlay = dynamic(() => import("./menu-overlay.tsx").then((file) => file.MenuOverlay), {
  ssr: false,
});

/** A button (the child) that opens a list of actions. */
export function Menu(props: {
  items: MenuItem[];
  onOpen?: () => void;
  children: ReactElement<ComponentProps<"button">>;
}) {
  const overlay = useOverlayButton("menu", props.children, {
    open: undefined,
    onOpenChange: (open) => open && props.onOpen?.(),
  });
  return (
    <>
      {overlay.button}
      {overlay.near && <MenuOverlay items={props.items} overlay={overlay} />}
    </>
  );
}
