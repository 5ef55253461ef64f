import type { RunReport } from "@recallscope/engine";
import { boolean, estimate, fill, integer, list, number, type Table, text } from "../table.ts";

type Head = RunReport["argumentPassing"]["heads"][number];
export const headsTable = ({ argumentPassing }: RunReport): Table =>
  fill<Head>(
    { name: "heads", title: "Heads: what each brings to the last position" },
    [
      text("head_label", "layer and head", (h) => h.label),
      integer("layer", "layer", (h) => h.layer),
      integer("head", "head", (h) => h.head),
      integer("rank", "place by effect; 0 = strongest", (h) => h.rank),
      list("rank_interval", "2.5 to 97.5 % of the rank over resamples", (h) => h.rankInterval),
      boolean("mover", "q below 0.05, interval above 0, effect at least 0.02", (h) => h.mover),
      estimate("effect", "mean of noising and denoising, normalised", (h) => h.effect),
      estimate("noising", "corrupted value into the clean run, normalised", (h) => h.noising),
      estimate("denoising", "clean value into the corrupted run, normalised", (h) => h.denoising),
      estimate("attention_to_subject", "attention of the last position, share", (h) => h.attentionToSubject),
      estimate("value_weighted_share", "share of attention x value x W_O", (h) => h.valueWeightedShare),
      estimate("dla_subject", "direct attribution to the subject's first token, logits", (h) => h.dlaSubject),
      estimate("dla_answer", "direct attribution to the answer, logits", (h) => h.dlaAnswer),
      number("p_value", "two-sided sign-flip test over facts", (h) => h.pValue),
      number("q_value", "Benjamini-Hochberg over all heads", (h) => h.qValue),
    ],
    argumentPassing.heads,
  );

export const excludedPairsTable = ({ argumentPassing }: RunReport): Table =>
  fill<{ prompt: number; reason: string }>(
    { name: "excluded-pairs", title: "Prompts without a patched pair" },
    [integer("prompt", "place in the run", (p) => p.prompt), text("reason", "why", (p) => p.reason)],
    argumentPassing.excludedPairs,
  );

type Fit = RunReport["mlpActivation"]["decompositions"][number];
export const decompositionsTable = ({ mlpActivation }: RunReport): Table =>
  fill<Fit>(
    { name: "decompositions", title: "MLP decomposition: fits" },
    [
      integer("layer", "the MLP's layer", (d) => d.layer),
      text("regressors", "R1 or R2", (d) => d.regressors),
      text("pooling", "pooling of prompts", (d) => d.pooling),
      boolean(
        "headline",
        "the layer that the run shows first",
        (d) => d.layer === mlpActivation.headlineLayer,
      ),
      boolean("centred", "fitted around the mean", (d) => d.centred),
      number("lambda", "ridge; empty without one", (d) => d.lambda),
      integer("rank", "rank of the regressors", (d) => d.rank),
      number("condition", "condition number", (d) => d.condition),
      number("r2_within", "R2 on the facts of the fit", (d) => d.r2Within),
      number("r2_uncentred", "uncentred R2; to be read beside r2_mean", (d) => d.r2Uncentred),
      number("r2_mean", "uncentred R2 of the mean alone", (d) => d.r2Mean),
      number("r2_held_out", "R2 on facts left out", (d) => d.r2HeldOut.mean),
      number("r2_held_out_sd", "its standard deviation over folds", (d) => d.r2HeldOut.sd),
      integer("folds", "folds", (d) => d.r2HeldOut.folds),
      number("intercept_norm", "norm of the intercept", (d) => d.interceptNorm),
      text("reason", "why a number is missing", (d) => d.reason ?? d.r2HeldOut.reason ?? null),
    ],
    mlpActivation.decompositions,
  );

export function decompositionWeightsTable({ mlpActivation }: RunReport): Table {
  const rows = mlpActivation.decompositions.flatMap((fit) => fit.weights.map((weight) => ({ fit, weight })));
  return fill<(typeof rows)[number]>(
    { name: "decomposition-weights", title: "MLP decomposition: weights of heads" },
    [
      integer("mlp_layer", "the MLP's layer", (r) => r.fit.layer),
      text("regressors", "R1 or R2", ({ fit }) => fit.regressors),
      text("head_label", "layer and head", ({ weight }) => weight.label),
      integer("layer", "layer of the head", ({ weight }) => weight.layer),
      integer("head", "head", ({ weight }) => weight.head),
      number("weight", "the stream then carries 1 + weight of what the head wrote", (r) => r.weight.weight),
      number("weight_low", "lower bound of its 95 % interval", ({ weight }) => weight.low),
      number("weight_high", "upper bound of its 95 % interval", ({ weight }) => weight.high),
      number("standard_error", "standard error", ({ weight }) => weight.standardError),
      number("variance_inflation", "1 = no collinearity", ({ weight }) => weight.varianceInflation),
      boolean("identifiable", "whether the data determine it", ({ weight }) => weight.identifiable),
      text("verdict", "what it says", ({ weight }) => weight.verdict),
    ],
    rows,
  );
}

type Intercept = RunReport["functionApplication"]["intercepts"][number];
export const interceptsTable = ({ functionApplication }: RunReport): Table =>
  fill<Intercept>(
    { name: "intercepts", title: "Intercepts of the MLPs" },
    [
      integer("layer", "the MLP's layer", (i) => i.layer),
      text("regressors", "R1 or R2", (i) => i.regressors),
      integer("candidates_in_top", "candidates among the top 20", (i) => i.candidatesInTop),
      number("p_value", "chance of that many or more (hypergeometric)", (i) => i.pValue),
      estimate("type_gain", "mean centred logit on the known facts' answers", (i) => i.typeGain),
      estimate("type_gain_of_mean", "the same of the MLP's mean output", (i) => i.typeGainOfMean),
      number("cosine_with_mean", "cosine with the MLP's mean output", (i) => i.cosineWithMean),
    ],
    functionApplication.intercepts,
  );

export function interceptTokensTable({ functionApplication }: RunReport): Table {
  const rows = functionApplication.intercepts.flatMap((intercept) =>
    (["top", "bottom"] as const).flatMap((end) =>
      intercept[end].map((readout, place) => ({ intercept, end, readout, place })),
    ),
  );
  return fill<(typeof rows)[number]>(
    { name: "intercept-tokens", title: "Tokens that intercepts promote and suppress" },
    [
      integer("layer", "the MLP's layer", (r) => r.intercept.layer),
      text("regressors", "R1 or R2", ({ intercept }) => intercept.regressors),
      text("end", "top: promoted, bottom: suppressed", ({ end }) => end),
      integer("place", "0 = most", ({ place }) => place),
      integer("token", "token id", ({ readout }) => readout.token),
      text("text", "text of the token", ({ readout }) => readout.text),
      number("value", "centred logit", ({ readout }) => readout.value),
      boolean("candidate", "whether it begins an answer of the task", ({ readout }) => readout.candidate),
    ],
    rows,
  );
}
