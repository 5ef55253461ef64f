import type { VariablesOf } from "@/graphql/graphql.ts";
import type { Sort } from "@/table/data-table.tsx";
import { DEFAULT_COLUMNS, RUN_COLUMNS } from "./columns.tsx";
import { FILTER_DEFAULTS, listOf } from "./filters.ts";
import type { RunsQuery } from "./queries.ts";

/** Everything the address of the list of runs can say. */
export const LIST_DEFAULTS = {
  ...FILTER_DEFAULTS,
  /** A column, with a minus in front for the largest first. */
  sort: "",
  columns: DEFAULT_COLUMNS.join(","),
  /** Place of the page, and its number for people. */
  after: "",
  before: "",
  page: "1",
  /** Key of the run that comparisons are held against. */
  baseline: "",
} as const;

export const PAGE_SIZE = 100;
export type Place = Record<"after" | "before" | "page", string>;
/** The first page again: what follows from another filter or order. */
export const FIRST_PAGE: Place = { after: "", before: "", page: "1" };

export type RunOrder = NonNullable<VariablesOf<typeof RunsQuery>["orderBy"]>;

export function sortOf(text: string): Sort | null {
  const column = text.replace(/^-/, "");
  return RUN_COLUMNS.some(({ id, order }) => id === column && order)
    ? { column, descending: text.startsWith("-") }
    : null;
}
export const sortText = ({ column, descending }: Sort): string => (descending ? `-${column}` : column);

/** The server's order; null for its own, the newest first. */
export function orderOf(sort: Sort | null): RunOrder | null {
  const by = RUN_COLUMNS.find(({ id }) => id === sort?.column)?.order;
  return sort && by ? { by, direction: sort.descending ? "DESC" : "ASC" } : null;
}

/** The columns to show, in their usual order; all usual ones when the address names none that there are. */
export function columnsOf(text: string) {
  const wanted = listOf(text);
  const shown = RUN_COLUMNS.filter(({ id }) => wanted.includes(id));
  return shown.length > 0 ? shown : RUN_COLUMNS.filter(({ id }) => DEFAULT_COLUMNS.includes(id));
}

/** Which page to ask for. */
export const pageOf = ({ after, before }: Pick<Place, "after" | "before">) =>
  before ? { last: PAGE_SIZE, before } : { first: PAGE_SIZE, after: after || null };
