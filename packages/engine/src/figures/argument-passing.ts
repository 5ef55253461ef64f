import type { ActivationPatchingReport, HeadPositionPatchingReport } from "../results/activation-patching.ts";
import type { Figure } from "../results/figure.ts";
import type { NoiseTracingReport } from "../results/noise-tracing.ts";
import type { PathPatchingReport } from "../results/path-patching.ts";
import type { RelationPatchingReport } from "../results/relation-patching.ts";
import { headsFigure, inWords, layersFigure, type ModelShape, short } from "./figure-parts.ts";

const PATCHING = "Wang et al. 2023, arXiv 2211.00593";
const EFFECT = { unit: "effect", unitText: "normalised effect: 0 = nothing, 1 = clean - corrupted" } as const;

const POINTS = {
  hook_resid_pre: "residual stream",
  hook_attn_out: "attention",
  hook_mlp_out: "MLP",
} as const;

export function activationFigures({ places }: ActivationPatchingReport, model: ModelShape): Figure[] {
  return [...new Set(places.map(({ position }) => position))].map((position) =>
    layersFigure(
      {
        id: position,
        title: `Patching layers at ${position}`,
        ...EFFECT,
        meaning:
          "How much of the answer's lead is carried at this position by the stream, attention and MLP of each layer.",
        formula: "mean of noising and denoising, ratio of means",
        source: PATCHING,
      },
      model,
      (Object.keys(POINTS) as (keyof typeof POINTS)[]).map((point) => ({
        label: POINTS[point],
        points: places
          .filter((place) => place.point === point && place.position === position)
          .map(({ layer, effect }) => ({ layer, estimate: effect })),
      })),
    ),
  );
}

export const headPositionFigures = ({ places }: HeadPositionPatchingReport, model: ModelShape): Figure[] =>
  [...new Set(places.map(({ position }) => position))].map((position) =>
    headsFigure(
      {
        id: position,
        title: `Heads at ${position}`,
        ...EFFECT,
        meaning: "What each head carries at this position.",
        formula: "mean of noising and denoising, ratio of means",
        source: PATCHING,
      },
      model,
      places.filter((place) => place.position === position),
      ({ effect }) => effect,
    ),
  );

export function relationFigures(report: RelationPatchingReport, model: ModelShape): Figure[] {
  const { heads, relationHeads, interplay, sources } = report;
  const about = { formula: "mean of noising and denoising under relation corruption", source: PATCHING };
  return [
    headsFigure(
      {
        id: "heads",
        title: "Heads that say what is asked",
        ...EFFECT,
        meaning: "Effects when the question is about the same subject but another relation.",
        ...about,
      },
      model,
      heads,
      ({ effect }) => effect,
      relationHeads,
    ),
    {
      id: "interplay",
      kind: "NOTES",
      title: "Subject and relation together",
      unit: "logit",
      unitText: "logits of the answer against the vocabulary's mean",
      meaning: "What is lost when movers, relation heads, or both take corrupted values.",
      ...about,
      notes: [
        { label: "asked instead", value: sources.map((s) => `${s.source} (${s.prompts})`).join(", ") || "-" },
        { label: "relation heads", value: relationHeads.join(", ") || report.reason || "none" },
        { label: "also movers", value: interplay.shared.join(", ") || "none" },
        { label: "movers patched", value: inWords(interplay.moversPatched) },
        { label: "relation heads patched", value: inWords(interplay.relationHeadsPatched) },
        { label: "both patched", value: inWords(interplay.bothPatched) },
        { label: "interaction", value: inWords(interplay.interaction) },
      ],
    },
  ];
}

export function pathFigures(report: PathPatchingReport, model: ModelShape): Figure[] {
  const { toFinalResidual, paper, fromMover } = report;
  const modes = {
    RECOMPUTE: "through MLPs to the output",
    FREEZE: "straight to the output",
  };
  return [
    ...toFinalResidual.map(({ mlps, senders }) =>
      headsFigure(
        {
          id: `final-${mlps.toLowerCase()}`,
          title: `Paths of heads ${modes[mlps]}`,
          ...EFFECT,
          meaning:
            mlps === "FREEZE"
              ? "Only the direct edge to the final residual is open: everything else stays as in the clean run."
              : "All other heads stay as in the clean run, MLPs are computed anew: the direct edge and all paths through MLPs.",
          formula: "(M_clean - M[path patched]) / (M_clean - M_corrupted), sender's donor value",
          source: PATCHING,
        },
        model,
        senders,
        ({ effect }) => effect,
      ),
    ),
    headsFigure(
      {
        id: "paper",
        title: "The paper's mode",
        unit: "weight",
        unitText: "percent of the clean metric",
        meaning:
          "Each head's output at the last position replaced by its mean over corrupted prompts, heads frozen, MLPs computed anew.",
        formula: "100 (pi_patched - pi_clean) / pi_clean, pi = logit(answer) - mean logit",
        source: "Lv et al. 2024, arXiv 2403.19521",
      },
      model,
      paper.senders,
      ({ percent }) => percent,
    ),
    ...fromMover.byMlps
      .filter(({ mlps }) => mlps === "FREEZE")
      .map(
        ({ receivers }): Figure => ({
          id: "receivers",
          kind: "BARS",
          title: `Who receives from ${fromMover.sender ?? "the mover"}`,
          ...EFFECT,
          meaning: "The largest direct edges from the first mover to one component's input, the rest free.",
          formula: "the sender's change added to what this receiver alone reads",
          source: PATCHING,
          bars: [...receivers]
            .sort((a, b) => Math.abs(b.effect.value ?? 0) - Math.abs(a.effect.value ?? 0))
            .slice(0, 16)
            .map(({ receiver, effect }) => ({ label: receiver, estimate: effect })),
        }),
      ),
  ];
}

export function noiseFigures(
  { places, draws, noise, window }: NoiseTracingReport,
  model: ModelShape,
): Figure[] {
  return [...new Set(places.map(({ position }) => position))].map((position) =>
    layersFigure(
      {
        id: position,
        title: `Causal tracing at ${position}`,
        unit: "probability",
        unitText: "p(answer) restored minus noised",
        meaning: `Noise of standard deviation ${short(noise)} on the subject's embeddings (${draws} draws); one layer of the stream, or ${window} layers of attention or MLP, get their clean values back.`,
        formula: "p(answer | noised, place restored) - p(answer | noised)",
        source: "Meng et al. 2022, arXiv 2202.05262",
      },
      model,
      (Object.keys(POINTS) as (keyof typeof POINTS)[]).map((point) => ({
        label: POINTS[point],
        points: places
          .filter((place) => place.point === point && place.position === position)
          .map(({ layer, indirectEffect }) => ({ layer, estimate: indirectEffect })),
      })),
    ),
  );
}
