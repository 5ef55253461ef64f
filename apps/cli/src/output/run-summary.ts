import { type HeadReport, headlineFit, headlineIntercept, type RunReport } from "@recallscope/engine";
import { summariseFurther } from "./further-summary.ts";
import { percent, plain, short, withInterval } from "./numbers.ts";
import { pairs, table } from "./table.ts";

const SHOWN_HEADS = 8;
const SHOWN_TOKENS = 8;

/** The numbers of a run that a person looks at first, grouped by mechanism. Estimates come with their 95 % interval over facts. */
export const summarise = (report: RunReport): string =>
  [
    heading(report),
    prediction(report),
    argumentPassing(report),
    mlp(report),
    finalLayer(report),
    summariseFurther(report),
    warnings(report),
  ]
    .filter(Boolean)
    .join("\n\n");

function heading({ receipt, task, prompts }: RunReport): string {
  const { settings } = receipt;
  return [
    `${receipt.model.name} x ${task.id}: ${settings.shots} shots, seed ${settings.seed}, ${settings.leadIns} lead-ins, known filter ${settings.knownFilter}`,
    `${task.factsKnown} of ${task.factsAdmitted} facts known (${task.factsTotal} in the task, ${task.dropped.length} dropped), ${prompts.length} prompts, ${receipt.seconds.toFixed(1)} s`,
  ].join("\n");
}

function prediction({ prediction }: RunReport): string {
  return `Prediction\n${pairs([
    ["  answer is top-1", withInterval(prediction.top1, percent)],
    [
      "  top-1 among candidates",
      `${withInterval(prediction.candidateTop1, percent)}, chance ${percent(prediction.chance)}`,
    ],
    ["  probability", withInterval(prediction.probability)],
    ["  median rank", plain(prediction.medianRank)],
    [
      "  attribution completeness error",
      `${prediction.directLogitAttribution.completenessError.toExponential(1)} logits`,
    ],
  ])}`;
}

function argumentPassing({ argumentPassing: { heads, movers } }: RunReport): string {
  const ranked = [...heads].sort((a, b) => a.rank - b.rank).slice(0, SHOWN_HEADS);
  const row = (head: HeadReport) => [
    head.label,
    withInterval(head.effect),
    head.rankInterval ? `${head.rankInterval[0]}-${head.rankInterval[1]}` : "-",
    short(head.attentionToSubject.value),
    short(head.qValue),
    head.mover ? "mover" : "",
  ];
  const title = `Argument passing: ${movers.length} mover heads${movers.length > 0 ? ` (${movers.join(", ")})` : ""}`;
  const body = table(
    ["head", "patching effect", "rank 95 %", "attention to subject", "q", ""],
    ranked.map(row),
  );
  return `${title}\n${indented(body)}\n  ${ranked.length} of ${heads.length} heads shown`;
}

function mlp(report: RunReport): string {
  const layer = report.mlpActivation.headlineLayer;
  if (layer === null) return "MLP activation\n  no headline layer";
  const fit = headlineFit(report);
  const read = headlineIntercept(report);
  const verdicts = (fit?.weights ?? []).filter(
    ({ verdict }) => verdict !== "no evidence" && verdict !== "not identifiable",
  );
  return `MLP activation and function application: MLP${layer}\n${pairs([
    [
      "  R2 within / held out",
      fit
        ? `${short(fit.r2Within)} / ${fit.r2HeldOut.mean === null ? `not observed (${fit.r2HeldOut.reason})` : short(fit.r2HeldOut.mean)}`
        : "not observed",
    ],
    [
      "  heads it changes",
      verdicts.map(({ label, verdict }) => `${label} ${verdict}`).join(", ") || "none with evidence",
    ],
    [
      "  intercept promotes",
      read
        ? read.top
            .slice(0, SHOWN_TOKENS)
            .map(({ text }) => JSON.stringify(text))
            .join(" ")
        : "not observed",
    ],
    ["  candidates in its top 20", read ? `${read.candidatesInTop} (p ${short(read.pValue)})` : "-"],
  ])}`;
}

function finalLayer({ finalLayer: final }: RunReport): string {
  const gains = final.sweeps.map(({ target, bestAlpha, testLogProbGain }) => [
    `  ${target.toLowerCase()} scaled by ${plain(bestAlpha)}`,
    `${withInterval(testLogProbGain)} nats on held-out facts`,
  ]);
  return `Final layer: suppression ${final.suppression.toLowerCase().replaceAll("_", " ")}\n${pairs([
    ["  change of log p(answer)", `${withInterval(final.logProbChange)} nats`],
    [
      "  by heads / MLP / norm",
      [final.headPart, final.mlpPart, final.scalePart].map(({ value }) => short(value)).join(" / "),
    ],
    ...(gains as [string, string][]),
  ])}`;
}

const warnings = (report: RunReport): string =>
  report.warnings.map((warning) => `warning: ${warning}`).join("\n");
const indented = (text: string): string => text.replace(/^/gm, "  ");
