import type { ModelSummary } from "@recallscope/engine";
import { builder } from "./builder.ts";

const SelfCheck = builder.objectRef<ModelSummary["selfCheck"]>("SelfCheck").implement({
  description:
    "Largest errors of identities that hold in every transformer, relative to the largest value involved.",
  fields: (t) => ({
    residualSum: t.exposeFloat("residualSum", {
      description: "What all blocks add, against the last residual stream.",
    }),
    headSum: t.exposeFloat("headSum", {
      description: "The heads' results and the bias, against the attention's output.",
    }),
    patternValue: t.exposeFloat("patternValue", { description: "Pattern times value, against z." }),
    lensLogits: t.exposeFloat("lensLogits", {
      description: "The lens after the last block, against the model's logits.",
    }),
    passed: t.exposeBoolean("passed", {
      description: "Whether each error is small enough to trust the numbers.",
    }),
  }),
});

export const ModelSummaryType = builder.objectRef<ModelSummary>("ModelSummary").implement({
  description: "What a model was found to be when it was opened.",
  fields: (t) => ({
    architecture: t.exposeString("architecture", {
      description: "Family, as in config.json: gpt2, opt, llama.",
    }),
    layers: t.exposeInt("layers", { description: "Blocks." }),
    heads: t.exposeInt("heads", { description: "Query heads per layer." }),
    kvHeads: t.exposeInt("kvHeads", { description: "Key/value heads per layer." }),
    width: t.exposeInt("width", { description: "Width of the residual stream." }),
    headWidth: t.exposeInt("headWidth", { description: "Width of a head's query." }),
    mlpWidth: t.exposeInt("mlpWidth", { description: "Width of the MLP's hidden layer." }),
    vocabulary: t.exposeInt("vocabulary", { description: "Tokens that have a logit." }),
    positions: t.exposeInt("positions", { description: "Longest prompt in tokens." }),
    dtype: t.exposeString("dtype", { description: "Type of the stored weights." }),
    parameters: t.exposeFloat("parameters", { description: "Number of weights." }),
    tied: t.exposeBoolean("tied", { description: "Whether embedding and unembedding share their weights." }),
    weightHash: t.exposeString("weightHash", {
      description: "sha-256 over config.json and the weight files.",
    }),
    hubCommit: t.string({
      nullable: true,
      description: "Commit of the hub repository the files are of; null for a folder that is not of the hub.",
      resolve: (summary) => summary.hub?.commit ?? null,
    }),
    tokenizerHash: t.exposeString("tokenizerHash", { description: "sha-256 of the tokenizer." }),
    bosPrepended: t.boolean({
      description: "Whether prompts begin with a begin token.",
      resolve: (summary) => summary.bos.prepended,
    }),
    selfCheck: t.expose("selfCheck", { type: SelfCheck, description: "How well the identities held." }),
  }),
});
