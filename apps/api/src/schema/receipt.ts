import type { Receipt } from "@recallscope/engine";
import { runCommand } from "../runs/command.ts";
import { builder } from "./builder.ts";
import { ModelSummaryType } from "./model-summary.ts";
import { RunSettingsType } from "./run-settings.ts";

export const ReceiptType = builder.objectRef<Receipt>("Receipt").implement({
  description: "What a reader needs to make the same numbers again.",
  fields: (t) => ({
    engineVersion: t.exposeString("engineVersion", { description: "Version of the engine." }),
    semanticsVersion: t.exposeInt("semanticsVersion", {
      description:
        "Counts up when a hook or metric changes its meaning: runs of different semantics are not compared.",
    }),
    model: t.expose("model", { type: ModelSummaryType, description: "The model as it was opened." }),
    modelName: t.string({
      description: "What the model was called.",
      resolve: (receipt) => receipt.model.name,
    }),
    taskSlug: t.exposeString("taskId", { description: "Slug of the task." }),
    taskHash: t.exposeString("taskHash", { description: "sha-256 of what the task asked." }),
    device: t.exposeString("device", { description: "Where it was computed." }),
    computeDtype: t.exposeString("computeDtype", { description: "Type of the arithmetic." }),
    seconds: t.exposeFloat("seconds", { description: "From start to report." }),
    startedAt: t.field({
      type: "DateTime",
      description: "When it began.",
      resolve: (receipt) => new Date(receipt.startedAt),
    }),
    node: t.string({ description: "Version of Node.", resolve: (receipt) => receipt.runtime.node }),
    onnxruntime: t.string({
      description: "Version of onnxruntime.",
      resolve: (receipt) => receipt.runtime.onnxruntime,
    }),
    platform: t.string({
      description: "System and processor.",
      resolve: (receipt) => receipt.runtime.platform,
    }),
    settings: t.expose("settings", { type: RunSettingsType, description: "Settings, all of them." }),
    command: t.string({
      description: "The command that makes the same run in a terminal.",
      resolve: ({ model, taskId, settings }) => runCommand(model.name, taskId, settings),
    }),
  }),
});
