"use client";
import { useSearchParams } from "next/navigation";
import {
  createContext,
  type ReactNode,
  Suspense,
  useContext,
  useEffect,
  useLayoutEffect,
  useState,
  useSyncExternalStore,
} from "react";

/** What stands after the question mark, as `URLSearchParams` writes it. */
class Address {
  #search: string;
  #listeners = new Set<() => void>();

  constructor(search: string) {
    this.#search = search;
  }
  get = (): string => this.#search;
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  /** Takes what the browser shows. */
  read = (): void => {
    const search = new URLSearchParams(window.location.search).toString();
    if (search === this.#search) return;
    this.#search = search;
    for (const listener of this.#listeners) listener();
  };
}
const AddressContext = createContext<Address | null>(null);

/**
 * Around a page that keeps its view in its address. The router would hand changes down as a transition, a few milliseconds of work a frame;
 * what a page changes itself is drawn at once.
 */
export const PageAddress = ({ children }: { children: ReactNode }) => (
  // Pages that are built ahead have no search parameters until they are in the browser.
  <Suspense>
    <Provider>{children}</Provider>
  </Suspense>
);

function Provider({ children }: { children: ReactNode }) {
  const routed = useSearchParams().toString();
  const [address] = useState(() => new Address(routed));
  // Links to the same page come from the router. Other changes that it reports late are known already, and maybe no longer true.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the router's word is only the occasion to look
  useLayoutEffect(address.read, [address, routed]);
  useEffect(() => {
    const page = window.location.pathname;
    const onPopState = () => {
      if (window.location.pathname === page) address.read();
    };
    window.addEventListener("popstate", onPopState);
    return () => window.removeEventListener("popstate", onPopState);
  }, [address]);
  return <AddressContext value={address}>{children}</AddressContext>;
}

/** The page's search parameters as text, and how to look again after a change of the address. */
export function usePageAddress(): { search: string; read: () => void } {
  const address = useContext(AddressContext);
  if (!address) throw new Error("missing PageAddress: the page keeps its view in its address through it");
  return { search: useSyncExternalStore(address.subscribe, address.get, address.get), read: address.read };
}
