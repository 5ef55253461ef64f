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

interface Values {
  head: string;
  layer?: string;
  prompt?: string;
}
/** Changes what is chosen, given what is. */
type Choose = (change: (now: Values) => { [key in keyof Values]?: string | null }) => void;

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
export function SelectionProvider(props: { values: Values; set: Choose; children: ReactNode }) {
  const { set, children } = props;
  const { head, layer, prompt } = props.values;
  const [hover] = useState(() => new HoverStore());
  const value = useMemo(
    () => selectionOf(hover, { head, layer, prompt }, set),
    [hover, head, layer, prompt, set],
  );
  useHoverMarks(hover);
  useEscape(value.clear);
  return <SelectionContext value={value}>{children}</SelectionContext>;
}

function selectionOf(hover: HoverStore, values: Values, set: Choose): Selection {
  const heads = readHeads(values.head);
  const choose = (next: (heads: readonly SelectedHead[]) => readonly SelectedHead[]) =>
    set(({ head }) => ({ head: writeHeads(next(readHeads(head))) }));
  const toggle = (key: "layer" | "prompt", value: number) =>
    set((now) => ({ [key]: now[key] === String(value) ? null : String(value) }));
  return {
    hover,
    heads,
    selected: heads[0]?.label ?? null,
    layer: readPlace(values.layer),
    prompt: readPlace(values.prompt),
    pin: (label) => choose((now) => pinHead(now, label)),
    clear: () =>
      set((now) => ({
        head: writeHeads(clearHeads(readHeads(now.head))),
        ...(now.layer && { layer: null }),
        ...(now.prompt && { prompt: null }),
      })),
    select: (text, add = false) => {
      if (text === null) return choose(clearHeads);
      const mark = readMark(text);
      if (mark?.kind === "head") choose((now) => (add ? toggleHead : clickHead)(now, mark.label));
      else if (mark?.kind === "layer") toggle("layer", mark.layer);
      else if (mark) toggle("prompt", mark.prompt);
    },
  };
}

const readPlace = (text = ""): number | null => (/^\d+$/.test(text) ? Number(text) : null);

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
function useEscape(clear: () => void): void {
  useEffect(() => {
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
  }, [clear]);
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
