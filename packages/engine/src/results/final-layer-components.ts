import type { Estimate } from "./estimate.ts";
import type { UnigramReport } from "./unigram.ts";

/** What each part of the last block does to the answer, to other tokens, and to frequent ones. */
export interface FinalLayerComponentsReport {
  layer: number;
  /** Fewer than 8 known facts: no label is given. */
  sufficient: boolean;
  unigram: UnigramReport;
  effect: FinalLayerEffect;
  /** Heads, the attention's bias, the MLP (with its bias). */
  components: FinalLayerComponent[];
  /**
   * The 20 neurons of the last MLP with the largest |mean DLA on the answer|, largest first (fewer where others write nothing). Chosen on the facts they are reported on: their
   * intervals do not account for the choice.
   */
  neurons: FinalLayerNeuron[];
  /** Tokens that a prompt's copy-suppression slope is fitted on: the top ones of the lens before the last layer. */
  slopeTokens: number;
  /** The neurons with the largest mean push along log frequency, and whether their effect goes through it (Stolfo et al. 2024). */
  frequencyNeurons: NeuronEffect[];
  /** Among neurons with at least the median |w_out|, those that write most into the bottom singular directions of the unembedding. */
  entropyNeurons: NeuronEffect[];
  neuronEffects: {
    /** A neuron's effect is that of setting it to 0 at the last position. */
    ablation: "ZERO";
    /** Prompts used: the first `settings.sweepPrompts` of each known fact. */
    prompts: number;
    /** Bottom singular directions, and the rho of a random vector: sqrt(directions / d_model). */
    nullDirections: number;
    chanceRho: number;
  };
}

/** From the lens before the last layer to the model's output; means over prompts, intervals clustered by fact. */
export interface FinalLayerEffect {
  /** log p(answer), nats. */
  logProbChange: Estimate;
  rankChange: Estimate;
  /** nats */
  entropyChange: Estimate;
  /** KL(p || unigram) in nats, before and after; before minus after: how far the layer moves the prediction towards frequent tokens. */
  unigramKlBefore: Estimate;
  unigramKlAfter: Estimate;
  towardUnigram: Estimate;
}

/** Numbers of one component under the final norm's own scale, frozen. */
export interface FinalLayerComponent {
  label: string;
  kind: "head" | "attn_bias" | "mlp" | "neuron";
  /** Query head or neuron. */
  index: number | null;
  /** Direct logit attribution to the answer, in logits against the vocabulary's mean (CL). */
  dlaAnswer: Estimate;
  /** Mean over the task's other candidates (CL); null where the task has one answer. */
  dlaOthers: Estimate;
  /** Answer minus others (LDcand). */
  dlaContrast: Estimate;
  /** Correlation over the vocabulary between what the component writes and log f; null where it writes nothing. */
  frequencyCorrelation: Estimate;
  /**
   * Slope of what the component writes on what the lens before the layer already predicts, over its top tokens: negative = suppression of
   * whatever is predicted (copy suppression).
   */
  copySlope: Estimate;
  /** DLA on the answer below 0, and below that on the other candidates, by their intervals. */
  answerSuppressor: boolean;
  /** Interval of the correlation with log f above 0.3, and DLA on the answer not above 0. */
  frequencyPusher: boolean;
}
export interface FinalLayerNeuron extends FinalLayerComponent {
  kind: "neuron";
  index: number;
  /** Activation (mlp.hook_post) at the last position. */
  activation: Estimate;
}

export interface NeuronEffect {
  label: string;
  index: number;
  /** |w_out|, and its rank among the layer's neurons (0 = largest). */
  norm: number;
  normRank: number;
  /** |V0^T w_out| / |w_out|, V0 the bottom singular directions. */
  rho: number;
  /** Correlation over the vocabulary of what one unit of activation writes with log f; null where it writes nothing or f is unknown. */
  frequencyCorrelation: number | null;
  activation: Estimate;
  /** With the neuron minus without it: log p(answer) and entropy, nats. */
  logProbEffect: Estimate;
  entropyEffect: Estimate;
  /** Share of |log p effect| that is gone when the logits keep their projection on log f, or when the final scale is frozen. */
  viaFrequency: Estimate;
  viaScale: Estimate;
  /** Intervals of viaFrequency or viaScale above a half. */
  frequencyNeuron: boolean;
  entropyNeuron: boolean;
}
