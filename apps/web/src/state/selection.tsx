"use client";
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from "react";
import { readMark } from "./mark.ts";
import {
  clearHeads,
  clickHead,
  pinHead,
  readHeads,
  type SelectedHead,
  toggleHead,
  writeHeads,
} from "./selected-heads.ts";

/** What the pointer or focus is on, in all figures at once; what is clicked lives in the URL instead. */
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

type Key = "head" | "layer" | "prompt";
interface Selection {
  hover: HoverStore;
  /** The chosen heads, the primary one first. */
  heads: readonly SelectedHead[];
  /** Label of the primary head, e.g. `L9H8`; null when none is chosen. */
  selected: string | null;
  /** The chosen layer and prompt; null when none is. */
  layer: number | null;
  prompt: number | null;
  /** Chooses a head, layer or prompt by its mark, as a click does; `add` keeps the other heads. Null lets go of the heads. */
  select: (mark: string | null, add?: boolean) => void;
  /** Keeps a head when others are clicked, or no longer. */
  pin: (label: string) => void;
  clear: () => void;
}
const SelectionContext = createContext<Selection | null>(null);

/**
 * Shares what is hovered and chosen among the figures and tables inside. `values` and `set` are those of the page's `useUrlState`;
 * a page that has no layer or prompt leaves them out. Escape lets go of everything that is not pinned.
 */
export function SelectionProvider(props: {
  values: { head: string; layer?: string; prompt?: string };
  set: (change: Partial<Record<Key, string | null>>) => void;
  children: ReactNode;
}) {
  const { set, children } = props;
  const { head, layer = "", prompt = "" } = props.values;
  const [hover] = useState(() => new HoverStore());
  const value = useMemo(
    () => selectionOf(hover, { head, layer, prompt }, set),
    [hover, head, layer, prompt, set],
  );
  useHoverMarks(hover);
  useEscape(value.clear, head !== "" || layer !== "" || prompt !== "");
  return <SelectionContext value={value}>{children}</SelectionContext>;
}

function selectionOf(
  hover: HoverStore,
  values: Record<Key, string>,
  set: (change: Partial<Record<Key, string | null>>) => void,
): Selection {
  const heads = readHeads(values.head);
  const choose = (next: readonly SelectedHead[]) => set({ head: writeHeads(next) });
  const toggle = (key: "layer" | "prompt", value: number) =>
    set({ [key]: values[key] === String(value) ? null : String(value) });
  return {
    hover,
    heads,
    selected: heads[0]?.label ?? null,
    layer: readPlace(values.layer),
    prompt: readPlace(values.prompt),
    pin: (label) => choose(pinHead(heads, label)),
    clear: () =>
      set({
        head: writeHeads(clearHeads(heads)),
        ...(values.layer && { layer: null }),
        ...(values.prompt && { prompt: null }),
      }),
    select: (text, add = false) => {
      if (text === null) return choose(clearHeads(heads));
      const mark = readMark(text);
      if (mark?.kind === "head") choose((add ? toggleHead : clickHead)(heads, mark.label));
      else if (mark?.kind === "layer") toggle("layer", mark.layer);
      else if (mark) toggle("prompt", mark.prompt);
    },
  };
}

const readPlace = (text: string): number | null => (/^\d+$/.test(text) ? Number(text) : null);

/** Marks whatever carries the hovered label, in drawings and tables alike, without drawing any of them anew. */
function useHoverMarks(hover: HoverStore): void {
  useEffect(() => {
    let marked: Element[] = [];
    const mark = () => {
      for (const element of marked) element.removeAttribute("data-hovered");
      const label = hover.get();
      marked = label === null ? [] : [...document.querySelectorAll(`[data-label="${CSS.escape(label)}"]`)];
      for (const element of marked) element.setAttribute("data-hovered", "");
    };
    return hover.subscribe(mark);
  }, [hover]);
}

/** Escape closes what is open first: a dialog, a menu or a pop-over keeps the key for itself. */
function useEscape(clear: () => void, active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const onKey = (event: KeyboardEvent) => {
      if (
        event.key === "Escape" &&
        !event.defaultPrevented &&
        !document.querySelector("[role=dialog], [role=menu]")
      )
        clear();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [clear, active]);
}

export function useSelection(): Selection {
  const selection = useContext(SelectionContext);
  if (!selection) throw new Error("missing SelectionProvider: figures share their selection through it");
  return selection;
}

/** Mark under the pointer in any figure. */
export function useHovered(): string | null {
  const { hover } = useSelection();
  return useSyncExternalStore(hover.subscribe, hover.get, () => null);
}
