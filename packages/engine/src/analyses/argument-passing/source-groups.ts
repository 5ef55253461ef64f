import { SOURCE_GROUPS, type SourceGroup } from "../../results/source-attribution.ts";
import type { PreparedPrompt } from "../../tasks/prepare.ts";

type Spans = Pick<PreparedPrompt, "tokens" | "subjectSpan" | "roles">;

/** Place in SOURCE_GROUPS of each position of a prompt. */
export function groupOfPositions({ tokens, subjectSpan, roles }: Spans): number[] {
  const inside = (span: readonly [number, number] | null, position: number) =>
    span !== null && position >= span[0] && position < span[1];
  const groupOf = (position: number): SourceGroup => {
    if (inside(subjectSpan, position)) return "subject";
    if (inside(roles.relation, position)) return "relation";
    if (roles.shots.some(({ answer }) => inside(answer, position))) return "demonstration answers";
    if (roles.shots.some(({ subject }) => inside(subject, position))) return "demonstration subjects";
    if (position === tokens.length - 1) return "last";
    return position === 0 ? "first" : "rest";
  };
  return tokens.map((_, position) => SOURCE_GROUPS.indexOf(groupOf(position)));
}

/** Positions of some groups, without the last one: what the last position can be kept from seeing while it still sees itself. */
export function keysOf(prompt: Spans, groups: readonly SourceGroup[]): number[] {
  const places = groups.map((group) => SOURCE_GROUPS.indexOf(group));
  return groupOfPositions(prompt)
    .slice(0, -1)
    .flatMap((group, position) => (places.includes(group) ? [position] : []));
}
