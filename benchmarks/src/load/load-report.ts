import type { Machine } from "../machine.ts";
import type { Subscribers } from "./subscribers.ts";

export const LOAD_SCHEMA = 2;
export const TARGETS = { pageP95Ms: 50, compareP95Ms: 200, subscribers: 200 };
/** The shape of models that the comparison's target is about; larger ones are measured beside it. */
export const COMPARED = { runs: 6, shape: { name: "GPT-2 small", layers: 12, heads: 12 } };
export const COMPARED_BESIDE = { name: "GPT-2 XL", layers: 48, heads: 25 };

export interface Timing {
  name: string;
  count: number;
  medianMs: number;
  p95Ms: number;
  worstMs: number;
}

/** What `bench:load --json` writes. */
export interface LoadReport {
  schema: typeof LOAD_SCHEMA;
  date: string;
  machine: Machine & { postgres: string };
  /** Mean number of processes that wanted a core in the last minute, before the measurements: what else the machine did. */
  loadBefore: number;
  runs: number;
  databaseMb: number;
  pages: { variants: Timing[]; all: Timing };
  compare: { first: Timing; again: Timing };
  /** The same for runs of a larger model, without a target. */
  compareLarge: { first: Timing; again: Timing };
  subscribers: Subscribers;
}

/** Which targets are missed, in words; none: all are met. */
export function missed({ pages, compare, subscribers }: LoadReport): string[] {
  const late = [
    { what: "the runs page", p95Ms: pages.all.p95Ms, most: TARGETS.pageP95Ms },
    ...[compare.first, compare.again].map(({ name, p95Ms }) => ({
      what: name,
      p95Ms,
      most: TARGETS.compareP95Ms,
    })),
  ].filter(({ p95Ms, most }) => p95Ms >= most);
  const lost = subscribers.count - subscribers.complete;
  return [
    ...late.map(({ what, p95Ms, most }) => `${what}: 95 % within ${ms(p95Ms)}, target under ${most} ms`),
    ...(lost > 0
      ? [
          `subscribers: ${lost} of ${subscribers.count} not served to the end, ${subscribers.fewest} to ${subscribers.most} events each`,
        ]
      : []),
  ];
}

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
