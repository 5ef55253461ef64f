"use client";
import { createContext, type ReactNode, useContext, useMemo, useState, useSyncExternalStore } from "react";

/** What the pointer or focus is on, in all figures at once; the clicked head lives in the URL instead. */
class HoverStore {
  #label: string | null = null;
  #listeners = new Set<() => void>();

  get = (): string | null => this.#label;
  set = (label: string | null): void => {
    if (label === this.#label) return;
    this.#label = label;
    for (const listener of this.#listeners) listener();
  };
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}

interface Selection {
  hover: HoverStore;
  /** Label of the clicked head, e.g. `L9H8`; null when none is. */
  selected: string | null;
  select: (label: string | null) => void;
}
const SelectionContext = createContext<Selection | null>(null);

export function SelectionProvider(props: {
  selected: string | null;
  onSelect: (label: string | null) => void;
  children: ReactNode;
}) {
  const { selected, onSelect, children } = props;
  const [hover] = useState(() => new HoverStore());
  const value = useMemo(() => ({ hover, selected, select: onSelect }), [hover, selected, onSelect]);
  return <SelectionContext value={value}>{children}</SelectionContext>;
}

export function useSelection(): Selection {
  const selection = useContext(SelectionContext);
  if (!selection) throw new Error("missing SelectionProvider: figures share their selection through it");
  return selection;
}

/** Label under the pointer in any figure. */
export function useHovered(): string | null {
  const { hover } = useSelection();
  return useSyncExternalStore(hover.subscribe, hover.get, () => null);
}
