"use client";
import {
  type ComponentProps,
  cloneElement,
  type KeyboardEvent,
  type ReactElement,
  type Ref,
  type RefObject,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";

export interface OverlayButton {
  button: ReactElement;
  /** Somebody reaches for the button: what it opens is loaded, so that it is there when it is clicked. */
  near: boolean;
  open: boolean;
  /** For the overlay: its `OverlayTrigger`, and its name. */
  anchor: RefObject<HTMLButtonElement | null>;
  id: string;
  onOpenChange: (open: boolean) => void;
}

/**
 * The button of a menu or a panel whose code comes with the first use. The button is the same element before and after that, so that it
 * keeps the focus.
 */
export function useOverlayButton(
  kind: "menu" | "dialog",
  button: ReactElement<ComponentProps<"button">>,
  state?: { open: boolean | undefined; onOpenChange: ((open: boolean) => void) | undefined },
): OverlayButton {
  const [near, setNear] = useState(false);
  const [own, setOwn] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  const id = useId();
  const open = state?.open ?? own;
  const onOpenChange = (next: boolean) => {
    setOwn(next);
    state?.onOpenChange?.(next);
  };
  const reach = () => setNear(true);
  return {
    near: near || open,
    open,
    anchor,
    id,
    onOpenChange,
    button: cloneElement(button, {
      id,
      ref: anchor,
      "aria-haspopup": kind,
      "aria-expanded": open,
      onPointerEnter: reach,
      onFocus: reach,
      onClick: () => onOpenChange(!open),
      ...(kind === "menu" && {
        onKeyDown: (event: KeyboardEvent) => {
          if (event.key !== "ArrowDown") return;
          event.preventDefault();
          onOpenChange(true);
        },
      }),
    }),
  };
}

/** Stands for the button as the child of a Radix trigger, which places the overlay by it and gives the focus back to it. */
export function OverlayTrigger({
  anchor,
  ref,
}: {
  anchor: OverlayButton["anchor"];
  ref?: Ref<HTMLButtonElement>;
}) {
  useLayoutEffect(() => {
    if (typeof ref === "function") ref(anchor.current);
    else if (ref) ref.current = anchor.current;
  });
  return null;
}
