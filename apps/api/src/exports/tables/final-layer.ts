import type { RunReport } from "@recallscope/engine";
import { boolean, estimate, fill, integer, number, type Table, text } from "../table.ts";

export function finalLayerTable({ finalLayer: f }: RunReport): Table {
  const rows = [
    { quantity: "log_prob_change", unit: "nats", of: f.logProbChange },
    { quantity: "rank_change", unit: "rank", of: f.rankChange },
    { quantity: "entropy_change", unit: "nats", of: f.entropyChange },
    { quantity: "head_part", unit: "nats", of: f.headPart },
    { quantity: "mlp_part", unit: "nats", of: f.mlpPart },
    { quantity: "scale_part", unit: "nats", of: f.scalePart },
    { quantity: "mlp_dla", unit: "logit", of: f.mlpDla },
    { quantity: "temperature_log_prob_gain", unit: "nats", of: f.temperature.testLogProbGain },
  ];
  return fill<(typeof rows)[number]>(
    { name: "final-layer", title: "What the final layer does to the answer" },
    [
      integer("layer", "the final layer", () => f.layer),
      text("quantity", "what is measured", (r) => r.quantity),
      text("unit", "unit", ({ unit }) => unit),
      estimate("estimate", "the number", ({ of }) => of),
    ],
    rows,
  );
}

type Head = RunReport["finalLayer"]["heads"][number];
export const finalHeadsTable = ({ finalLayer }: RunReport): Table =>
  fill<Head>(
    { name: "final-layer-heads", title: "Heads of the final layer" },
    [
      text("head_label", "layer and head", (h) => h.label),
      integer("head", "head", (h) => h.head),
      estimate("dla_answer", "direct attribution to the answer, logits", (h) => h.dlaAnswer),
      estimate(
        "dla_candidates",
        "to the answer against the other candidates, logits",
        (h) => h.dlaCandidates,
      ),
      boolean("suppressor", "whether it holds the answer back", (h) => h.suppressor),
    ],
    finalLayer.heads,
  );

export function finalSweepsTable({ finalLayer }: RunReport): Table {
  const rows = finalLayer.sweeps.flatMap((sweep) => sweep.points.map((point) => ({ sweep, point })));
  return fill<(typeof rows)[number]>(
    { name: "final-layer-sweeps", title: "The final layer scaled from off to stronger" },
    [
      text("target", "what is scaled", (r) => r.sweep.target),
      number("alpha", "factor; 1 = as it is, 0 = switched off", ({ point }) => point.alpha),
      boolean("best", "best mean log-probability on train facts", (r) => r.point.alpha === r.sweep.bestAlpha),
      estimate("probability", "probability of the answer", ({ point }) => point.probability),
      estimate("log_prob", "its logarithm, in nats", ({ point }) => point.logProb),
      estimate("mean_rank", "rank of the answer; 0 = top", ({ point }) => point.meanRank),
      estimate("top1", "share with the answer on top of all tokens", ({ point }) => point.top1),
      estimate("candidate_top1", "share on top of the candidates", ({ point }) => point.candidateTop1),
    ],
    rows,
  );
}

export const sweepGainsTable = ({ finalLayer }: RunReport): Table =>
  fill<RunReport["finalLayer"]["sweeps"][number]>(
    { name: "final-layer-gains", title: "What scaling the final layer gains on test facts" },
    [
      text("target", "what is scaled", (s) => s.target),
      number("best_alpha", "best mean log-probability on train facts", (s) => s.bestAlpha),
      estimate("test_log_prob_gain", "at that alpha minus at 1, in nats", (s) => s.testLogProbGain),
      estimate("test_rank_change", "change of the rank", (s) => s.testRankChange),
    ],
    finalLayer.sweeps,
  );
