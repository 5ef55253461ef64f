import {
  type LiveAsks,
  type LiveKind,
  type PromptRecord,
  type Receipt,
  type RunReport,
  type RunSettings,
  SEMANTICS_VERSION,
  type Task,
} from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import { refuseMoved } from "../models/model-name.ts";
import { fromJson } from "../results/json.ts";
import { findRun } from "../runs/find-run.ts";
import { settingsOf } from "../runs/settings.ts";
import type { Services } from "../services.ts";
import type { LiveCaller } from "./live-engine.ts";

/** A prompt that is looked at with the model of a finished run: one of the run's, or any text. */
export interface LivePrompt {
  runId: string;
  receipt: Receipt;
  settings: RunSettings;
  task: Task;
  /** Null for a text of one's own. */
  record: PromptRecord | null;
  text: string;
  /** What is wanted to follow, as token id or text; null for a text without. */
  answer: number | string | null;
  ask<Kind extends LiveKind>(
    kind: Kind,
    ask: LiveAsks[Kind]["ask"],
    caller?: LiveCaller,
  ): Promise<LiveAsks[Kind]["result"]>;
}

export interface LivePromptRequest {
  run: string;
  prompt: number | null;
  text: string | null;
  answer: string | null;
}

/**
 * Finds the prompt and the model that its run was made with; nothing is computed yet.
 * @throws ApiError NOT_FOUND, RUN_NOT_FINISHED, NOT_COMPARABLE for a run of another semantics version, MODEL_NOT_ALLOWED
 */
export async function findLivePrompt(
  services: Services,
  { run: id, prompt: index, text, answer }: LivePromptRequest,
  caller: LiveCaller,
): Promise<LivePrompt> {
  const { prisma, live } = services;
  const { id: runId } = await findRun(prisma, id);
  const run = await prisma.run.findUniqueOrThrow({
    where: { id: runId },
    include: { model: true, task: true, report: { select: { task: true } } },
  });
  const { report, model } = run;
  if (!report || run.receipt === null)
    throw new ApiError("RUN_NOT_FINISHED", `run ${run.key}: ${run.status} (wait until it has succeeded)`);
  const receipt = fromJson<Receipt>(run.receipt);
  if (receipt.semanticsVersion !== SEMANTICS_VERSION)
    throw new ApiError(
      "NOT_COMPARABLE",
      `run ${run.key}: measured by semantics version ${receipt.semanticsVersion}, and this server computes by ${SEMANTICS_VERSION} (repeat the run)`,
    );
  await refuseMoved(model, services);
  const record = index === null ? null : await recordOf(services, runId, index);
  const facts = fromJson<RunReport["task"]>(report.task).facts;
  const { weightHash, tokenizerHash } = receipt.model;
  return {
    runId,
    receipt,
    settings: settingsOf(run),
    task: fromJson<Task>(run.task.content),
    record,
    text: record?.text ?? text!,
    answer: record ? facts[record.fact]!.answerToken : answer,
    ask: (kind, ask, by = caller) =>
      live.ask({ model: model.name, expected: { weightHash, tokenizerHash }, kind, ask }, by),
  };
}

async function recordOf({ prisma }: Services, runId: string, index: number): Promise<PromptRecord> {
  const row = await prisma.prompt.findUnique({ where: { runId_index: { runId, index } } });
  if (row) return fromJson<PromptRecord>(row.content);
  const count = await prisma.prompt.count({ where: { runId } });
  throw new ApiError(
    "NOT_FOUND",
    `prompt ${index}: the run has none of that index (allowed: 0 to ${count - 1})`,
  );
}

/** The prompt of the run. @throws ApiError BAD_USER_INPUT for a text of one's own, which has no counterfactual */
export function pairOfPrompt({ record, task, settings }: LivePrompt, what: string) {
  if (record === null)
    throw new ApiError(
      "BAD_USER_INPUT",
      `${what}: a text of one's own has no counterfactual (allowed: prompts of the run, by index)`,
    );
  return { task, settings, prompt: record.index, tokens: record.tokens };
}

/** What the model is given: the run's own tokens, or a text. */
export const promptInput = ({ record, text }: LivePrompt): readonly number[] | string =>
  record?.tokens ?? text;

/** @throws ApiError BAD_USER_INPUT naming the heads or layers that the model has */
export function checkPlace(
  { receipt }: LivePrompt,
  what: string,
  { layer, head }: { layer: number; head?: number },
): void {
  const { layers, heads } = receipt.model;
  const inside = (value: number, count: number) => value >= 0 && value < count;
  if (inside(layer, layers) && (head === undefined || inside(head, heads))) return;
  throw new ApiError(
    "BAD_USER_INPUT",
    head === undefined
      ? `${what} ${layer}: the model has no such layer (allowed: 0 to ${layers - 1})`
      : `${what} L${layer}H${head}: the model has no such head (allowed: layers 0 to ${layers - 1}, heads 0 to ${heads - 1})`,
  );
}
