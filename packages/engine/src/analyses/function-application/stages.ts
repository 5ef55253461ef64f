/** One token's logit lens on one prompt, each `[state]`. */
export interface Track {
  /** Tokens with a strictly larger logit. */
  rank: ArrayLike<number>;
  centredLogit: ArrayLike<number>;
}

/** State of the smallest rank; where ranks are equal, of the largest centred logit, then the first. A flat state ranks every token 0. */
export function argumentPeak({ rank, centredLogit }: Track): number {
  let best = 0;
  for (let s = 1; s < rank.length; s++) {
    const smaller = rank[s]! < rank[best]!;
    if (smaller || (rank[s] === rank[best] && centredLogit[s]! > centredLogit[best]!)) best = s;
  }
  return best;
}

/** First state from which the answer's rank stays below the subject's; null if it does not end below. Equal ranks are no crossover. */
export function crossover(subject: Track, answer: Track): number | null {
  let from: number | null = null;
  for (let s = answer.rank.length - 1; s >= 0 && answer.rank[s]! < subject.rank[s]!; s--) from = s;
  return from;
}

/** First state from which the answer's rank is never worse than in the last state. */
export function saturation({ rank }: Track): number {
  let from = rank.length - 1;
  while (from > 0 && rank[from - 1]! <= rank[rank.length - 1]!) from--;
  return from;
}

/**
 * Whether the subject has a stage of its own before the answer takes over: before the crossover it reaches `rankLimit` with a logit above
 * the vocabulary's mean (else a flat state would do), and its peak lies before the crossover. Without a crossover it does not.
 */
export function hasArgumentStage(subject: Track, answer: Track, rankLimit: number): boolean {
  const end = crossover(subject, answer);
  if (end === null || argumentPeak(subject) >= end) return false;
  for (let s = 0; s < end; s++)
    if (subject.rank[s]! <= rankLimit && subject.centredLogit[s]! > 0) return true;
  return false;
}
