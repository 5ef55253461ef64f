/** What the graphs need to know of a model, in the field's words. Read from config.json by one file per family. */
export interface ModelFacts {
  architecture: string;
  layers: number;
  heads: number;
  kvHeads: number;
  /** d_model */
  width: number;
  /** d_head */
  headWidth: number;
  /** d_mlp */
  mlpWidth: number;
  vocabulary: number;
  /** Longest prompt in tokens. */
  positions: number;
  norm: { kind: "layernorm" | "rms"; epsilon: number };
  tied: boolean;
}
