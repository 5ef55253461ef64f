import type { LabeledArray, Receipt, RunReport } from "@recallscope/engine";
import { fromJson } from "../results/json.ts";
import { readPromptNumbers } from "../results/prompt-numbers.ts";
import { arrayOf } from "../results/read-report.ts";
import { MAX_VALUES, readSlice } from "../results/read-slice.ts";
import type { RunSummary } from "../results/run-summary.ts";
import { settingsOf } from "../runs/settings.ts";
import { waitsFor } from "../runs/waits-for.ts";
import { ArgumentPassing } from "./argument-passing.ts";
import { ArrayFoldInput, ArraySliceType, AxisSliceInput } from "./array-slice.ts";
import { builder } from "./builder.ts";
import { createdBy } from "./created-by.ts";
import { ErrorInfo, errorInfo } from "./estimate.ts";
import { RunExports, runExports } from "./exports.ts";
import { FinalLayer } from "./final-layer.ts";
import { FunctionApplication } from "./function-application.ts";
import { FurtherResult, furtherResults } from "./further-results.ts";
import { ArrayInfo, LabeledArrayType } from "./labeled-array.ts";
import { MAX_PROMPTS_PAGE } from "./limits.ts";
import { MlpActivation } from "./mlp-activation.ts";
import { Prediction } from "./prediction.ts";
import { PromptNumbersType } from "./prompt-numbers.ts";
import { ReceiptType } from "./receipt.ts";
import { RunProgress } from "./run-progress.ts";
import { RunSettingsType } from "./run-settings.ts";
import { RunPriority, SHARDS_IN_ORDER } from "./run-shard.ts";
import { RunSoFarType } from "./run-so-far.ts";
import { RunSummaryType } from "./run-summary.ts";
import { TaskReportType } from "./task-report.ts";

export const RunStatus = builder.enumType("RunStatus", {
  description: "Where a run is in its life.",
  values: {
    QUEUED: { description: "It waits for its turn." },
    RUNNING: { description: "It is being computed." },
    SUCCEEDED: { description: "It has a report." },
    FAILED: { description: "`error` says why there is none." },
    CANCELLED: { description: "It was stopped on request." },
  } as const,
});

export const RunType = builder.prismaNode("Run", {
  nullable: true,
  description: "One model x one task x settings, computed or to be computed.",
  id: { field: "id", description: "Opaque id." },
  select: { id: true },
  fields: (t) => ({
    key: t.exposeString("key", {
      description:
        "Short content hash of weights x tokenizer x task x settings x semantics; of the request until the model has been opened.",
    }),
    status: t.expose("status", { type: RunStatus, description: "Where it is in its life." }),
    model: t.relation("model", { description: "The model." }),
    task: t.relation("task", { description: "The task, in the version that was asked." }),
    settings: t.field({
      type: RunSettingsType,
      description: "How it asks and counts.",
      select: {
        shots: true,
        seed: true,
        knownFilter: true,
        leadIns: true,
        bootstrapSamples: true,
        analyses: true,
        sweepPrompts: true,
        sweepMode: true,
        precision: true,
      },
      resolve: settingsOf,
    }),
    priority: t.expose("priority", { type: RunPriority, description: "Which of several runs goes first." }),
    device: t.exposeString("device", {
      nullable: true,
      description:
        "What it was asked to be computed on; null: whatever its worker has. `receipt` names what it was computed on.",
    }),
    shards: t.relation("shards", {
      description: "Its parts while it is unfinished; none once it has ended.",
      query: SHARDS_IN_ORDER,
    }),
    createdAt: t.expose("createdAt", { type: "DateTime", description: "When it was asked for." }),
    startedAt: t.expose("startedAt", {
      type: "DateTime",
      nullable: true,
      description: "When the work on it began.",
    }),
    finishedAt: t.expose("finishedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it ended, well or not.",
    }),
    progress: t.field({
      type: RunProgress,
      nullable: true,
      description: "How far it is; null unless it is RUNNING.",
      select: { status: true, step: true, stepDone: true, stepTotal: true, fraction: true, message: true },
      resolve: (run) => (run.status === "RUNNING" ? run : null),
    }),
    soFar: t.field({
      type: RunSoFarType,
      nullable: true,
      description:
        "What the facts measured so far come to, while the run is unfinished: no result. Null while no shard of FACTS is DONE, and once the run has ended.",
      complexity: 20,
      select: { id: true, status: true, attempts: true },
      resolve: (run, _args, { foundSoFar }) => foundSoFar.of(run),
    }),
    waitsFor: t.string({
      nullable: true,
      description:
        "What keeps it waiting where no worker that is there can take it; null when one can, and unless it is QUEUED.",
      complexity: 10,
      select: {
        status: true,
        device: true,
        source: true,
        precision: true,
        model: { select: { summary: true } },
      },
      resolve: ({ status, ...run }, _args, services) =>
        status === "QUEUED" ? waitsFor(services, run) : null,
    }),
    error: t.field({
      type: ErrorInfo,
      nullable: true,
      description: "Why it failed; null unless it is FAILED.",
      select: { errorCode: true, errorMessage: true },
      resolve: (run) => errorInfo(run.errorCode, run.errorMessage),
    }),
    summary: t.field({
      type: RunSummaryType,
      nullable: true,
      description: "Small numbers for lists; null until it has SUCCEEDED.",
      select: { summary: true },
      resolve: (run) => fromJson<RunSummary | null>(run.summary),
    }),
    receipt: t.field({
      type: ReceiptType,
      nullable: true,
      description: "How to make the same numbers again; null until it has SUCCEEDED.",
      select: { receipt: true },
      resolve: (run) => fromJson<Receipt | null>(run.receipt),
    }),
    taskReport: t.field({
      type: TaskReportType,
      nullable: true,
      description: "What was asked, kept and dropped; null until it has SUCCEEDED.",
      select: { report: { select: { task: true } } },
      resolve: (run) => fromJson<RunReport["task"] | undefined>(run.report?.task),
    }),
    prompts: t.relatedConnection("prompts", {
      cursor: "runId_index",
      totalCount: true,
      nullable: true,
      maxSize: MAX_PROMPTS_PAGE,
      extensions: { maxPage: MAX_PROMPTS_PAGE },
      description: "Its prompts in order, with what the model made of each; none until it has SUCCEEDED.",
      args: {
        known: t.arg.boolean({ description: "Only prompts of known facts, or only of unknown ones." }),
      },
      query: ({ known }) => ({ orderBy: { index: "asc" }, ...(known != null && { where: { known } }) }),
    }),
    promptCount: t.relationCount("prompts", { description: "How many prompts it asked." }),
    promptNumbers: t.field({
      type: PromptNumbersType,
      nullable: true,
      description: "What is stored of one of its prompts alone; null when it has none of that index.",
      args: { index: t.arg.int({ required: true, description: "The prompt's `index`." }) },
      resolve: async ({ id }, { index }, { prisma }) => {
        const there = await prisma.prompt.count({ where: { runId: id, index } });
        return there === 0 ? null : readPromptNumbers(prisma, id, index);
      },
    }),
    prediction: t.field({
      type: Prediction,
      nullable: true,
      description: "What the model answers, and where the answer appears.",
      select: { report: { select: { prediction: true } } },
      resolve: (run) => fromJson<RunReport["prediction"] | undefined>(run.report?.prediction),
    }),
    argumentPassing: t.field({
      type: ArgumentPassing,
      nullable: true,
      description: "Which heads bring the subject to the last position.",
      select: { report: { select: { argumentPassing: true } } },
      resolve: (run) => fromJson<RunReport["argumentPassing"] | undefined>(run.report?.argumentPassing),
    }),
    mlpActivation: t.field({
      type: MlpActivation,
      nullable: true,
      description: "What MLPs do with what the heads brought.",
      select: { report: { select: { mlpActivation: true } } },
      resolve: (run) => fromJson<RunReport["mlpActivation"] | undefined>(run.report?.mlpActivation),
    }),
    functionApplication: t.field({
      type: FunctionApplication,
      nullable: true,
      description: "Which answers MLPs promote for the relation itself.",
      select: { report: { select: { functionApplication: true } } },
      resolve: (run) =>
        fromJson<RunReport["functionApplication"] | undefined>(run.report?.functionApplication),
    }),
    finalLayer: t.field({
      type: FinalLayer,
      nullable: true,
      description: "What the final layer does to the answer.",
      select: { report: { select: { finalLayer: true } } },
      resolve: (run) => fromJson<RunReport["finalLayer"] | undefined>(run.report?.finalLayer),
    }),
    further: t.field({
      type: [FurtherResult],
      description: "What its further analyses found, in the order of `furtherAnalyses`.",
      args: {
        mechanism: t.arg.string({ description: "Only those of this step of the paper's account." }),
        analysis: t.arg.string({ description: "Only that of this id." }),
      },
      select: { id: true, report: { select: { further: true, argumentPassing: true } } },
      resolve: (run, { mechanism, analysis }) =>
        furtherResults(run.id, run.report, { mechanism: mechanism ?? null, analysis: analysis ?? null }),
    }),
    exports: t.field({
      type: RunExports,
      nullable: true,
      description: "Where it is as a file, in several forms; null until it has SUCCEEDED.",
      select: { id: true, status: true },
      resolve: ({ id, status }) => (status === "SUCCEEDED" ? runExports(id) : null),
    }),
    arrays: t.field({
      type: [ArrayInfo],
      description: "Names and shapes of its bulk numbers.",
      select: { arrays: { select: { name: true, unit: true, axes: true }, orderBy: { index: "asc" } } },
      resolve: (run) =>
        run.arrays.map(({ name, unit, axes }) => ({
          name,
          unit: unit as LabeledArray["unit"],
          axes: fromJson<LabeledArray["axes"]>(axes),
        })),
    }),
    array: t.field({
      type: LabeledArrayType,
      nullable: true,
      description: "Bulk numbers by name; null when there are none of that name.",
      args: { name: t.arg.string({ required: true, description: "One of the names of `arrays`." }) },
      resolve: async (run, { name }, { prisma }) => {
        const array = await prisma.runArray.findUnique({ where: { runId_name: { runId: run.id, name } } });
        return array && arrayOf(array);
      },
    }),
    results: t.field({
      type: ArraySliceType,
      description: `A part of its bulk numbers, sliced and folded here; up to ${MAX_VALUES} values. Errors: NOT_FOUND with the names there are, BAD_USER_INPUT with the axes and labels there are.`,
      args: {
        name: t.arg.string({ required: true, description: "One of the names of `arrays`." }),
        where: t.arg({ type: [AxisSliceInput], description: "What to keep of axes; all of the others." }),
        facts: t.arg.intList({
          description: "Only prompts of these facts, by their `index`; for arrays with an axis `prompt`.",
        }),
        fold: t.arg({ type: ArrayFoldInput, description: "Axes to fold away." }),
      },
      resolve: (run, { name, where, facts, fold }, { prisma }) =>
        readSlice(prisma, run.id, {
          name,
          slices: (where ?? []).map(({ axis, ...slice }) => ({ dim: axis, ...slice })),
          facts: facts ?? null,
          fold: fold ?? null,
        }),
    }),
    tags: t.exposeStringList("tags", {
      description: "Words it is marked with, in order of the alphabet; no part of its key.",
    }),
    note: t.exposeString("note", {
      nullable: true,
      description: "What somebody wrote about it; no part of its key. Null: nothing.",
    }),
    createdBy: t.string(createdBy),
    warnings: t.exposeStringList("warnings", {
      description: "What a reader must know: too few facts, excluded pairs, approximations.",
    }),
  }),
});
