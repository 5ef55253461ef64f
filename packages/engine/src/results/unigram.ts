/**
 * How frequent tokens are to a model, estimated without a corpus: U1 the final norm's bias read by the unembedding; U2 its mean prediction
 * in neutral text; U3 its mean prediction in samples of its own text; U4 the order in which its tokenizer learnt merges; U5 the user's counts.
 */
export const UNIGRAM_ESTIMATORS = ["U1", "U2", "U3", "U4", "U5"] as const;
export type UnigramId = (typeof UNIGRAM_ESTIMATORS)[number];

export interface UnigramReport {
  /** Why an estimator is missing, or null. */
  estimators: { id: UnigramId; title: string; available: boolean; reason: string | null }[];
  /** The estimator that the numbers of the final layer use: the user's counts, else U3, U2, U1, U4; null where there is none. */
  used: UnigramId | null;
  /** Spearman's correlation over the vocabulary of every two available estimators. */
  agreement: { a: UnigramId; b: UnigramId; value: number | null; tokens: number; reason: string | null }[];
  /** What U2 stands on: sentences used and left out (words the tokenizer does not know), predictions averaged. */
  neutral: { sentences: number; skipped: number; positions: number };
  /** What U3 stands on, and its Monte Carlo error; null where nothing was sampled. */
  samples: UnigramSamples | null;
  /** The 20 most frequent tokens of the estimator used, with log f centred over the vocabulary. */
  mostFrequent: { token: number; text: string; logFrequency: number }[];
  /** How well the residual stream can express log frequency; null where there is no estimator. */
  direction: FrequencyDirection | null;
}

export interface UnigramSamples {
  /** Token the samples start after, and its text. */
  start: number;
  startText: string;
  sequences: number;
  /** Tokens per sequence. */
  length: number;
  seed: number;
  /** Standard error of f(v) over f(v), from the spread between sequences: the median over the vocabulary and the mean weighted by f. */
  medianRelativeError: number;
  expectedRelativeError: number;
  /** Spearman between log f of the first and the second half of the sequences. */
  splitHalf: number | null;
}

export interface FrequencyDirection {
  /** Ridge of the least squares, as a share of the largest eigenvalue of M^T M (M: what the residual stream adds to centred logits). */
  ridge: number;
  /** Correlation over the vocabulary between log f and the logits that the direction writes. */
  fit: number;
}
