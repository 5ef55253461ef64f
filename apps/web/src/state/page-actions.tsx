"use client";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from "react";

/** Something the open page can do, for the command palette. */
export interface PageAction {
  label: string;
  /** More words by which it is found. */
  words?: string;
  hint?: string;
  run: () => void;
}

interface Registry {
  actions: readonly PageAction[];
  put: (owner: symbol, actions: readonly PageAction[] | null) => void;
}
const ActionsContext = createContext<Registry | null>(null);

/** Collects what the open page offers. */
export function PageActions({ children }: { children: ReactNode }) {
  const [lists, setLists] = useState<ReadonlyMap<symbol, readonly PageAction[]>>(new Map());
  const registry = useMemo(
    (): Registry => ({
      actions: [...lists.values()].flat(),
      put: (owner, actions) =>
        setLists((before) => {
          const next = new Map(before);
          if (actions === null) next.delete(owner);
          else next.set(owner, actions);
          return next;
        }),
    }),
    [lists],
  );
  return <ActionsContext value={registry}>{children}</ActionsContext>;
}

export const useActionsOfPage = (): readonly PageAction[] => useContext(ActionsContext)?.actions ?? [];

/** Offers actions to the command palette while the component is on the page; keep the list stable (`useMemo`). */
export function usePageActions(actions: readonly PageAction[]): void {
  const put = useContext(ActionsContext)?.put;
  const putRef = useRef(put);
  putRef.current = put;
  useEffect(() => {
    const owner = Symbol("page");
    putRef.current?.(owner, actions);
    return () => putRef.current?.(owner, null);
  }, [actions]);
}
