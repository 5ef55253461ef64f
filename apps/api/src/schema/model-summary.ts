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
    device: t.string({ description: "What it was computed on.", resolve: ({ device = "cpu" }) => device }),
    deviceError: t.float({
      nullable: true,
      description:
        "The largest difference from the CPU on a small trial, forward and back, relative to the largest value of a kind; null on the CPU.",
      resolve: ({ deviceError }) => deviceError ?? null,
    }),
    deviceReason: t.string({
      nullable: true,
      description: "Which device was taken, and why, where none was named.",
      resolve: ({ deviceReason }) => deviceReason ?? null,
    }),
    computeDtype: t.string({
      description: "Type of the numbers it was computed in.",
      resolve: ({ computeDtype = "float32" }) => computeDtype,
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
      description: "Family, as in config.json: gpt2, opt, llama, mistral, qwen2, qwen3, gpt_neox, gemma2.",
    }),
    layers: t.exposeInt("layers", { description: "Blocks." }),
    heads: t.exposeInt("heads", { description: "Query heads per layer." }),
    kvHeads: t.exposeInt("kvHeads", { description: "Key/value heads per layer." }),
    width: t.exposeInt("width", { description: "Width of the residual stream." }),
    headWidth: t.exposeInt("headWidth", { description: "Width of a head's query." }),
    mlpWidth: t.exposeInt("mlpWidth", { description: "Width of the MLP's hidden layer." }),
    vocabulary: t.exposeInt("vocabulary", { description: "Tokens that have a logit." }),
    positions: t.exposeInt("positions", { description: "Longest prompt in tokens." }),
    dtype: t.exposeString("dtype", {
      description: "Types of the stored weights, such as F16, or F32+Q4_1 in a GGUF file.",
    }),
    parameters: t.exposeFloat("parameters", { description: "Number of weights." }),
    tied: t.exposeBoolean("tied", { description: "Whether embedding and unembedding share their weights." }),
    blocks: t.string({
      description: "`serial`, or `parallel`: attention and MLP read the same residual stream.",
      resolve: ({ form }) => form?.block ?? "serial",
    }),
    postNorm: t.string({
      description:
        "Norms after attention and MLP: `none`, on the `output` that is added, or on the `stream` after adding.",
      resolve: ({ form }) => form?.postNorm ?? "none",
    }),
    logitCap: t.float({
      nullable: true,
      description: "Logits are cap tanh(x / cap); null without a cap.",
      resolve: ({ form }) => form?.logitCap ?? null,
    }),
    weightHash: t.exposeString("weightHash", {
      description: "sha-256 over config.json and the weight files, or over the GGUF file.",
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
