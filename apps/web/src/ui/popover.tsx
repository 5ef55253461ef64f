"use client";
import dynamic from "next/dynamic";
import type { ComponentProps, ReactElement, ReactNode } from "react";
import { useOverlayButton } from "./overlay-button.tsx";

const PopoverOverlay = dynamic(() => import("./popover-overlay.tsx").then((file) => file.PopoverOverlay), {
  ssr: false,
});

/** A button that opens a small panel beside it. */
export function Popover(props: {
  trigger: ReactElement<ComponentProps<"button">>;
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
  const overlay = useOverlayButton("dialog", trigger, { open, onOpenChange });
  return (
    <>
      {overlay.button}
      {overlay.near && (
        <PopoverOverlay overlay={overlay} label={label} align={align} className={className}>
          {children}
        </PopoverOverlay>
      )}
    </>
  );
}
