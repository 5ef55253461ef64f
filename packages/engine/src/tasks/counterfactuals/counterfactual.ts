import type { PreparedPrompt } from "../prepare.ts";

/** What a counterfactual prompt changes. Noise changes no token: see `noiseDraws`. */
export const CORRUPTIONS = ["SUBJECT", "RELATION", "BOTH", "GENERIC"] as const;
export type Corruption = (typeof CORRUPTIONS)[number];

/** Positions that mean the same in a prompt and its counterfactual, whatever their token counts. */
export const ROLES = ["last", "subjLast", "relLast"] as const;
export type Role = (typeof ROLES)[number];

/** Absolute token positions; null where the prompt has no such word. */
export type RolePositions = Readonly<Record<Role, number | null>>;

/** A prompt to compare another with. A role of one may be patched into the same role of the other, never a position as such. */
export interface Counterfactual {
  /** `task/subject` asked about, or the id of a neutral clause. */
  source: string;
  tokens: readonly number[];
  positions: RolePositions;
  /** First token of this prompt's own answer; null where it asks for nothing. */
  wrongToken: number | null;
  /** As many tokens as the prompt, and every role it has at the same position. */
  aligned: boolean;
}

/** What became of a prompt: its counterfactual, or why it has none. */
export type Drawn = { counterfactual: Counterfactual } | { reason: string };

/** Counterfactuals by prompt index. */
export type DrawnByPrompt = ReadonlyMap<number, Drawn>;

export const rolePositions = ({
  tokens,
  subjectSpan,
  roles,
}: Pick<PreparedPrompt, "tokens" | "subjectSpan" | "roles">): RolePositions => ({
  last: tokens.length - 1,
  subjLast: subjectSpan[1] - 1,
  relLast: roles.relation && roles.relation[1] - 1,
});

/** First position whose tokens differ; the shorter length where one prompt continues the other. */
export function firstDifference(a: readonly number[], b: readonly number[]): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) if (a[i] !== b[i]) return i;
  return shorter;
}

export interface DropReport {
  prompts: number;
  usable: number;
  /** Usable ones with every role at the same position. */
  aligned: number;
  sources: { source: string; prompts: number }[];
  dropped: { prompt: number; reason: string }[];
}

/** Counts for a report: what was drawn from where, and which prompts have no counterfactual. Sorted by source and prompt. */
export function dropReport(drawn: DrawnByPrompt): DropReport {
  const counts = new Map<string, number>();
  const report: DropReport = { prompts: drawn.size, usable: 0, aligned: 0, sources: [], dropped: [] };
  for (const [prompt, own] of drawn) {
    if ("reason" in own) {
      report.dropped.push({ prompt, reason: own.reason });
      continue;
    }
    const source = own.counterfactual.source.split("/")[0]!;
    report.usable++;
    if (own.counterfactual.aligned) report.aligned++;
    counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  report.dropped.sort((a, b) => a.prompt - b.prompt);
  report.sources = [...counts]
    .map(([source, prompts]) => ({ source, prompts }))
    .sort((a, b) => (a.source < b.source ? -1 : 1));
  return report;
}
