"use client";
import { useCallback, useMemo } from "react";
import { usePageAddress } from "./page-address.tsx";

type Change<Key extends string> = Partial<Record<Key, string | null>>;

/**
 * Changes some parameters. What follows from their present values (toggles, steps) is given as a function of them: the address is
 * ahead of the page while it draws, and a quick second key must not undo the first. `push` makes a step that the back button undoes;
 * `replace` (sliders, typing) does not; what changes nothing makes none.
 */
export type SetUrlState<Key extends string> = (
  change: Change<Key> | ((now: Record<Key, string>) => Change<Key>),
  how?: "push" | "replace",
) => void;

/** View state in the URL: `values` holds every known parameter. What equals its default is left out, so links stay short. */
export function useUrlState<Key extends string>(defaults: Readonly<Record<Key, string>>) {
  const { search, read: readAddress } = usePageAddress();
  const set = useCallback<SetUrlState<Key>>(
    (change, how = "push") => {
      const next = new URLSearchParams(window.location.search);
      const changed = typeof change === "function" ? change(read(next, defaults)) : change;
      for (const [key, value] of Object.entries<string | null | undefined>(changed)) {
        if (value === null || value === undefined || value === defaults[key as Key]) next.delete(key);
        else next.set(key, value);
      }
      const query = readable(next);
      const url = `${window.location.pathname}${query ? `?${query}` : ""}`;
      if (url === window.location.pathname + window.location.search) return;
      if (how === "push") window.history.pushState(null, "", url);
      else window.history.replaceState(null, "", url);
      readAddress();
    },
    [defaults, readAddress],
  );
  const values = useMemo(() => read(new URLSearchParams(search), defaults), [search, defaults]);
  return useMemo(() => ({ values, set }), [values, set]);
}

function read<Key extends string>(
  search: URLSearchParams,
  defaults: Readonly<Record<Key, string>>,
): Record<Key, string> {
  const values: Record<Key, string> = { ...defaults };
  for (const key of Object.keys(defaults) as Key[]) {
    const value = search.get(key);
    if (value !== null) values[key] = value;
  }
  return values;
}

/** Commas and colons stay readable in the address bar. */
const readable = (search: URLSearchParams): string =>
  search.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");

/** Parameters of the address that the page does not know. */
export function useUnknownParameters(known: readonly string[]): string[] {
  const { search } = usePageAddress();
  return [...new Set(new URLSearchParams(search).keys())].filter((key) => !known.includes(key));
}

/** The value if it is one of the allowed ones, else the first of them. */
export const oneOf = <Value extends string>(value: string, allowed: readonly [Value, ...Value[]]): Value =>
  allowed.find((each) => each === value) ?? allowed[0];
