import type { RunStatus } from "@/graphql/fragments.ts";
import type { VariablesOf } from "@/graphql/graphql.ts";
import { statusLabel } from "@/ui/run-status.tsx";
import type { RunsQuery } from "./queries.ts";

/** What the address of the list of runs says about which runs it shows. Lists are joined by commas. */
export const FILTER_DEFAULTS = {
  q: "",
  status: "",
  model: "",
  task: "",
  shots: "",
  tags: "",
  study: "",
  /** Days, both included: `2026-11-27`. */
  from: "",
  until: "",
} as const;
export type Filters = Record<keyof typeof FILTER_DEFAULTS, string>;

export const STATUSES = [
  "RUNNING",
  "QUEUED",
  "SUCCEEDED",
  "FAILED",
  "CANCELLED",
] as const satisfies RunStatus[];
export const STATUS_ITEMS = STATUSES.map((value) => ({ value, label: statusLabel(value) }));

export const isFiltered = (values: Filters): boolean => Object.values(values).some((value) => value !== "");
export const listOf = (text: string): string[] => text.split(",").filter(Boolean);

type Filter = NonNullable<VariablesOf<typeof RunsQuery>["filter"]>;

/** The server's filter. What the address says and no list can have (a status of another name, no date) is left out. */
export function filterOf(values: Filters): Filter {
  const statuses = STATUSES.filter((status) => listOf(values.status).includes(status));
  const tags = listOf(values.tags);
  const shots = /^\d$/.test(values.shots) ? Number(values.shots) : null;
  return {
    text: values.q.trim() || null,
    status: statuses.length > 0 ? statuses : null,
    model: values.model || null,
    task: values.task || null,
    shots,
    tags: tags.length > 0 ? tags : null,
    study: values.study || null,
    createdFrom: midnight(values.from, 0),
    createdBefore: midnight(values.until, 1),
  };
}

/** The start of a day of this browser's calendar, some days later; null for what is no day. */
function midnight(day: string, later: number): string | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (!parts) return null;
  const start = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + later);
  return Number.isNaN(start.getTime()) ? null : start.toISOString();
}

/** A day of this browser's calendar, so many days ago: `2026-11-27`. */
export function dayAgo(days: number, now = new Date()): string {
  const day = new Date(now.getFullYear(), now.getMonth(), now.getDate() - days);
  const two = (number: number) => String(number).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}
