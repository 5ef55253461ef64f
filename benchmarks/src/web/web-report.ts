import { percentile } from "../load/client.ts";
import type { Machine } from "../machine.ts";

export const WEB_SCHEMA = 1;

/** The shape of the model whose run is opened, and how many such runs are compared. */
export const SHAPE = { name: "GPT-2 XL", layers: 48, heads: 25, prompts: 225, compared: 6 };

/** The most that each kind of figure may be: times in milliseconds for the median of the repetitions, sizes in kB of 1000 bytes. */
export const TARGETS = { paint: 1000, interaction: 100, answer: 300, frame: 33, script: 300 } as const;
export type Kind = keyof typeof TARGETS;

export const KINDS: Record<Kind, string> = {
  paint: "first contentful paint",
  interaction: "interaction",
  answer: "prompt computed anew",
  frame: "frames while scrolling",
  script: "JavaScript, compressed",
};

export interface WebFigure {
  kind: Kind;
  /** Page and what is done there. */
  name: string;
  /** ms, kB for `script`. In the order of measurement. */
  values: number[];
}

/** What `bench:web --json` writes. */
export interface WebReport {
  schema: typeof WEB_SCHEMA;
  date: string;
  machine: Machine & { chromium: string };
  /** Mean number of processes that wanted a core in the minute before the measurements: what else the machine did. */
  loadBefore: number;
  runs: number;
  figures: WebFigure[];
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Frames are judged by the 95 % that come soonest, of everything else half must be within the target. */
export const judged = ({ kind, values }: WebFigure): number =>
  kind === "frame" ? percentile(values, 0.95) : median(values);

export const isMet = (figure: WebFigure): boolean => judged(figure) < TARGETS[figure.kind];

export const print = (kind: Kind, value: number): string =>
  kind === "script" ? `${value.toFixed(0)} kB` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** Which targets are missed, in words; none: all are met. */
export const missed = ({ figures }: WebReport): string[] =>
  figures
    .filter((figure) => !isMet(figure))
    .map(
      (figure) =>
        `${figure.name}: ${print(figure.kind, judged(figure))}, target under ${print(figure.kind, TARGETS[figure.kind])}`,
    );
