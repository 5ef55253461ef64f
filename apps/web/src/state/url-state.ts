"use client";
import { useSearchParams } from "next/navigation";
import { useCallback } from "react";

type Change = Record<string, string | null | undefined>;

/**
 * View state in the URL: `values` holds every known parameter, `set` changes some. What equals its default is left out, so links
 * stay short. `push` makes a step that the back button undoes; `replace` (sliders, typing) does not.
 */
export function useUrlState<Key extends string>(defaults: Readonly<Record<Key, string>>) {
  const search = useSearchParams();
  const values: Record<Key, string> = { ...defaults };
  for (const key of Object.keys(defaults) as Key[]) {
    const value = search.get(key);
    if (value !== null) values[key] = value;
  }

  const set = useCallback(
    (change: Partial<Record<Key, string | null>>, how: "push" | "replace" = "push") => {
      const next = new URLSearchParams(window.location.search);
      for (const [key, value] of Object.entries(change as Change)) {
        if (value === null || value === undefined || value === defaults[key as Key]) next.delete(key);
        else next.set(key, value);
      }
      const query = readable(next);
      const url = `${window.location.pathname}${query ? `?${query}` : ""}`;
      if (how === "push") window.history.pushState(null, "", url);
      else window.history.replaceState(null, "", url);
    },
    [defaults],
  );
  return { values, set };
}

/** Commas and colons stay readable in the address bar. */
const readable = (search: URLSearchParams): string =>
  search.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");

/** Parameters of the address that the page does not know. */
export function useUnknownParameters(known: readonly string[]): string[] {
  const search = useSearchParams();
  return [...new Set(search.keys())].filter((key) => !known.includes(key));
}

/** The value if it is one of the allowed ones, else the first of them. */
export const oneOf = <Value extends string>(value: string, allowed: readonly [Value, ...Value[]]): Value =>
  allowed.find((each) => each === value) ?? allowed[0];
