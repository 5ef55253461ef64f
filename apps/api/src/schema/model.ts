import type { ModelSummary } from "@recallscope/engine";
import { fromJson } from "../results/json.ts";
import { builder } from "./builder.ts";
import { ErrorInfo, errorInfo } from "./estimate.ts";
import { ModelSummaryType } from "./model-summary.ts";

export const ModelSource = builder.enumType("ModelSource", {
  description: "Where a model comes from.",
  values: {
    BUNDLED: { description: "It came with this copy, in models/." },
    FOLDER: { description: "A folder or a GGUF file of this machine." },
    HUB: { description: "The Hugging Face hub." },
  } as const,
});

export const Model = builder.prismaNode("Model", {
  nullable: true,
  description: "A language model that the platform knows: bundled, added from a folder, or named by hub id.",
  id: { field: "id", description: "Opaque id." },
  fields: (t) => ({
    name: t.exposeString("name", {
      description: "Name in models/, absolute folder or GGUF file, or hub id.",
    }),
    source: t.expose("source", { type: ModelSource, description: "Where it comes from." }),
    summary: t.field({
      type: ModelSummaryType,
      nullable: true,
      description: "What it is; null until it has been opened once.",
      select: { summary: true },
      resolve: (model) => fromJson<ModelSummary | null>(model.summary),
    }),
    error: t.field({
      type: ErrorInfo,
      nullable: true,
      description: "Why it could not be opened the last time; null when it could.",
      select: { errorCode: true, errorMessage: true },
      resolve: (model) => errorInfo(model.errorCode, model.errorMessage),
    }),
    runs: t.relatedConnection("runs", {
      cursor: "id",
      totalCount: true,
      description: "Its runs, newest first.",
      query: { orderBy: { id: "desc" } },
    }),
  }),
});
