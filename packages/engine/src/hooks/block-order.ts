import type { ModelFacts } from "../architectures/architecture.ts";

type Order = Pick<ModelFacts, "block">;

/** Whether an MLP reads what the attention of a layer wrote: in a parallel block it does not read that of its own layer. */
export const feedsMlp = (attentionLayer: number, mlpLayer: number, { block }: Order): boolean =>
  block === "parallel" ? attentionLayer < mlpLayer : attentionLayer <= mlpLayer;

/** The last layer whose attention an MLP reads; -1 for none. */
export const lastAttentionBefore = (mlpLayer: number, { block }: Order): number =>
  block === "parallel" ? mlpLayer - 1 : mlpLayer;

/** The first layer whose MLP reads the attention of a layer; the number of layers for none. */
export const firstMlpAfter = (attentionLayer: number, { block }: Order): number =>
  block === "parallel" ? attentionLayer + 1 : attentionLayer;
