import type { KeyingConfig } from "@urql/exchange-graphcache";

/** The types that the API finds again by their id (its interface `Node`). */
const NODES = new Set(["Run", "Model", "Task", "Study", "Comparison"]);

/** Everything else, also where it has an `id` of another meaning, is kept inside the object that holds it. */
const embedded = () => null;

/** How the cache tells objects apart, for every type there is or will be. */
export const KEYED_BY_ID: KeyingConfig = new Proxy<KeyingConfig>(
  {},
  { get: (_none, type) => (NODES.has(String(type)) ? undefined : embedded) },
);
