import { type FactPrompts, SUFFICIENT_FACTS } from "../analyses/analysis.ts";
import type { ANALYSES } from "../analyses/index.ts";
import { isKnown, knownShare, type Outcome } from "../analyses/prediction/outcomes.ts";
import type { Receipt, RunSettings } from "../results/receipt.ts";
import type {
  HeadReport,
  MlpActivationReport,
  PromptRecord,
  RunReport,
  TaskReport,
  TokenReadout,
} from "../results/report.ts";
import { computeDtypeOf } from "../session/device.ts";
import { onnxruntimeVersion } from "../session/onnx-session.ts";
import { taskHash } from "../tasks/load-task.ts";
import type { PreparedTask } from "../tasks/prepare.ts";
import type { Task } from "../tasks/task.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import type { OpenModel } from "./open-model.ts";
import { ENGINE_VERSION, SEMANTICS_VERSION } from "./version.ts";

type ReportOf<Id extends keyof typeof ANALYSES> = Awaited<ReturnType<(typeof ANALYSES)[Id]["aggregate"]>>;

export interface RunParts {
  outcomes: ReportOf<"outcomes">;
  lens: ReportOf<"logitLens">;
  attribution: ReportOf<"directLogitAttribution">;
  attention: ReportOf<"subjectAttention">;
  patching: ReportOf<"headPatching">;
  decomposition: ReportOf<"decomposition">;
  finalLayer: ReportOf<"finalLayer">;
}

interface Inputs {
  model: OpenModel;
  task: Task;
  settings: RunSettings;
  prepared: PreparedTask;
  outcomes: readonly Outcome[][];
  known: readonly FactPrompts[];
  parts: RunParts;
  started: Date;
  related: readonly Task[];
}

export function assembleReport(inputs: Inputs): RunReport {
  const { prepared, outcomes, parts, model, known, settings } = inputs;
  const { tokenizer } = model;
  const sufficient = known.length >= SUFFICIENT_FACTS;
  const heads = parts.patching.report.heads.map(
    (head, i): HeadReport => ({
      ...head,
      attentionToSubject: parts.attention.attentionToSubject[i]!,
      valueWeightedShare: parts.attention.valueWeightedShare[i]!,
      dlaSubject: parts.attention.dlaSubject[i]!,
      dlaAnswer: parts.attention.dlaAnswer[i]!,
    }),
  );
  const warnings = [...prepared.warnings];
  if (!sufficient)
    warnings.push(
      `${known.length} known facts: fewer than ${SUFFICIENT_FACTS}, so numbers are descriptive and no mechanism is judged`,
    );
  const { completenessError } = parts.attribution;
  if (completenessError > 1e-3)
    warnings.push(
      `direct logit attributions miss the logits by up to ${completenessError.toExponential(1)} (${
        inputs.model.session.precision === "F16"
          ? "float16 products beside float32 directions"
          : "float32 rounding of large residuals"
      })`,
    );
  const { cleanMetric, corruptedMetric, pairs, excludedPairs, movers } = parts.patching.report;
  return {
    receipt: receipt(inputs),
    task: taskReport(inputs, sufficient),
    prompts: promptRecords(prepared, outcomes, settings, tokenizer),
    prediction: { ...parts.outcomes, lens: parts.lens.report, directLogitAttribution: parts.attribution },
    argumentPassing: {
      corruption: "SUBJECT",
      metric: "logit_diff",
      position: "last",
      layers: model.summary.layers,
      headsPerLayer: model.summary.heads,
      cleanMetric,
      corruptedMetric,
      pairs,
      excludedPairs,
      heads,
      movers,
    },
    mlpActivation: {
      headlineLayer: headlineLayer(parts.attribution, parts.decomposition),
      decompositions: parts.decomposition.decompositions,
    },
    functionApplication: {
      intercepts: parts.decomposition.intercepts.map((intercept) => ({
        ...intercept,
        top: withTexts(intercept.top, tokenizer),
        bottom: withTexts(intercept.bottom, tokenizer),
      })),
    },
    finalLayer: parts.finalLayer,
    arrays: [...parts.lens.arrays, ...parts.patching.arrays],
    warnings,
  };
}

const withTexts = (list: readonly TokenReadout[], tokenizer: Tokenizer): TokenReadout[] =>
  list.map((readout) => ({ ...readout, text: tokenizer.tokenText(readout.token) }));

/** The MLP that speaks most for the answer against the other candidates, of those that read a head. */
function headlineLayer(
  { components }: RunParts["attribution"],
  { decompositions }: RunParts["decomposition"],
): MlpActivationReport["headlineLayer"] {
  const reading = new Set(decompositions.map(({ layer }) => layer));
  const mlps = components.filter(
    ({ kind, answer, layer }) =>
      kind === "mlp" && answer.value !== null && (reading.size === 0 || reading.has(layer!)),
  );
  return (
    mlps.reduce<(typeof mlps)[number] | null>(
      (best, mlp) => (!best || mlp.answer.value! > best.answer.value! ? mlp : best),
      null,
    )?.layer ?? null
  );
}

function receipt({ model, task, settings, started, related }: Inputs): Receipt {
  return {
    engineVersion: ENGINE_VERSION,
    semanticsVersion: SEMANTICS_VERSION,
    model: model.summary,
    taskId: task.id,
    taskHash: taskHash(task),
    related: related.map((other) => ({ id: other.id, hash: taskHash(other) })),
    settings,
    device: model.session.device,
    computeDtype: computeDtypeOf(model.session.precision),
    seconds: (Date.now() - started.getTime()) / 1000,
    startedAt: started.toISOString(),
    runtime: {
      node: process.version,
      onnxruntime: onnxruntimeVersion(),
      platform: `${process.platform}-${process.arch}`,
    },
  };
}

function taskReport(
  { task, prepared, outcomes, known, settings, model }: Inputs,
  sufficient: boolean,
): TaskReport {
  return {
    id: task.id,
    title: task.title,
    factsTotal: task.facts.length,
    factsAdmitted: prepared.facts.length,
    factsKnown: known.length,
    sufficient,
    dropped: prepared.dropped,
    facts: prepared.facts.map(({ subject, answer, answerToken, answerTokens, donor }, index) => {
      const share = knownShare(outcomes[index]!, settings.knownFilter);
      return {
        index,
        subject,
        answer,
        answerToken,
        multiToken: answerTokens.length > 1,
        knownShare: share,
        known: isKnown(outcomes[index]!, settings.knownFilter),
        donor: donor === null ? null : prepared.facts[donor]!.subject,
      };
    }),
    candidates: prepared.candidates.map(({ token, answers }) => ({
      token,
      text: model.tokenizer.tokenText(token),
      answers,
    })),
  };
}

function promptRecords(
  prepared: PreparedTask,
  outcomes: readonly Outcome[][],
  settings: RunSettings,
  tokenizer: Tokenizer,
): PromptRecord[] {
  const flat = outcomes.flat();
  return prepared.prompts.map(({ index, fact, frame, text, tokens, subjectSpan }) => {
    const { topTokens, ...outcome } = flat[index]!;
    return {
      index,
      fact,
      frame,
      text,
      tokens,
      tokenTexts: tokens.map((token) => tokenizer.tokenText(token)),
      subjectSpan,
      known: isKnown(outcomes[fact]!, settings.knownFilter),
      ...outcome,
      topTokens: topTokens.map(({ token, probability }) => ({
        token,
        text: tokenizer.tokenText(token),
        probability,
      })),
    };
  });
}
