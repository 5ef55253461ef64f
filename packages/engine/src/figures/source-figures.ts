import type { Estimate } from "../results/estimate.ts";
import type { Figure } from "../results/figure.ts";
import {
  HEAD_ROLES,
  type HeadRole,
  type HeadSources,
  SOURCE_GROUPS,
  type SourceAttributionReport,
} from "../results/source-attribution.ts";

/** Heads by what they write from where, and the roles that follow. */
export function sourceFigures(
  { heads, roleReason }: SourceAttributionReport,
  model: { layers: number; headsPerLayer: number },
): Figure[] {
  const from = (group: (typeof SOURCE_GROUPS)[number], head: HeadSources) =>
    head.sources[SOURCE_GROUPS.indexOf(group)]!.attribution;
  const map = (
    text: Pick<Figure, "id" | "title" | "unit" | "unitText" | "meaning" | "formula">,
    cell: (head: HeadSources) => Estimate,
    marked: readonly HeadRole[],
  ): Figure => ({
    kind: "HEADS",
    source: "Chughtai et al. 2024; Lv et al. 2024",
    ...text,
    ...model,
    cells: heads.map(cell),
    marked: heads.filter(({ role }) => role && marked.includes(role)).map(({ label }) => label),
  });
  const logits = { unit: "logit", unitText: "logits against the vocabulary's mean" } as const;
  return [
    map(
      {
        id: "subject-from-subject",
        title: "Subject written from the subject",
        ...logits,
        meaning:
          "What each head adds to the subject's own token from the subject's positions. Dots: argument passers and mixed heads.",
        formula: "<sum over subject positions of attention v W_O, direction of the subject's token> / sigma",
      },
      (head) => from("subject", head).subject,
      ["argument passer", "mixed"],
    ),
    map(
      {
        id: "answer-from-subject",
        title: "Answer written from the subject",
        unit: "logit",
        unitText: "logits against the other candidates",
        meaning:
          "What each head adds to the answer's lead from the subject's positions. Dots: attribute extractors and mixed heads.",
        formula:
          "<sum over subject positions of attention v W_O, answer - mean of the other candidates> / sigma",
      },
      (head) => from("subject", head).answerOverCandidates,
      ["attribute extractor", "mixed"],
    ),
    map(
      {
        id: "candidates-from-relation",
        title: "Candidates written from the relation word",
        ...logits,
        meaning:
          "What each head adds to all candidates alike from the relation word. Dots: relation heads and mixed heads.",
        formula: "<attention v W_O at the relation word, mean candidate> / sigma",
      },
      (head) => from("relation", head).candidates,
      ["relation head", "mixed"],
    ),
    map(
      {
        id: "passing-correlation",
        title: "Attention to the subject against output of the subject",
        unit: "cosine",
        unitText: "Pearson's r over prompts",
        meaning:
          "Whether a head writes more of the subject where it attends more to it. Dots: argument passers.",
        formula: "r(attention on the subject, <a, u_s>)",
      },
      ({ correlation }) => correlation.raw,
      ["argument passer"],
    ),
    {
      kind: "NOTES",
      id: "roles",
      title: "Roles of heads",
      unit: "count",
      unitText: "heads",
      meaning: roleReason ?? "Heads by what intervals show them to write from where.",
      formula: "interval above 0 and at least 0.1 logits; see the meaning of each map",
      source: "Chughtai et al. 2024",
      notes: roleReason
        ? []
        : HEAD_ROLES.filter((role) => role !== "none").map((role) => {
            const own = heads.filter((head) => head.role === role).map(({ label }) => label);
            return { label: role, value: own.length ? own.join(", ") : "not observed" };
          }),
    },
  ];
}
