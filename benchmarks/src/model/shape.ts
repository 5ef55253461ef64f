/** What a random model of the GPT-2 family is made of. */
export interface Shape {
  layers: number;
  heads: number;
  width: number;
  vocabulary: number;
  positions: number;
}

/** GPT-2 small. */
export const SMALL: Shape = { layers: 12, heads: 12, width: 768, vocabulary: 50257, positions: 1024 };

/** For trying the benchmark itself: no number of it means anything. */
export const TINY: Shape = { layers: 4, heads: 4, width: 128, vocabulary: 2000, positions: 256 };

export const headWidth = ({ heads, width }: Shape): number => width / heads;
