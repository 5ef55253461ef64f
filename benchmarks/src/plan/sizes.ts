import { type Shape, SMALL, TINY } from "../model/shape.ts";

/** How large everything is. */
export interface Sizes {
  shape: Shape;
  pairs: number;
  length: number;
  prompts: number;
  /** Tokens that prompts of the shared cache row have in common, and how many such beginnings there are. */
  shared: { tokens: number; groups: number };
  /** Pairs of our own run over heads x positions. */
  positionPairs: number;
  /** Positions of a peer's run over heads x positions, per kind of pairs. */
  peerPositions: { random: number[]; facts: number[] };
  fewShot: { prompts: number; prefix: number; own: number };
  growth: { pairs: number[]; lengths: number[]; lengthPairs: number; layers: number[] };
  matmul: number;
}

export const FULL: Sizes = {
  shape: SMALL,
  pairs: 64,
  length: 12,
  prompts: 225,
  shared: { tokens: 7, groups: 15 },
  positionPairs: 4,
  peerPositions: { random: [2, 9], facts: [6, 9] },
  fewShot: { prompts: 200, prefix: 30, own: 5 },
  growth: { pairs: [16, 64, 256], lengths: [8, 32, 128], lengthPairs: 16, layers: [12, 24] },
  matmul: 2048,
};

/** For trying the benchmark itself. */
export const QUICK: Sizes = {
  shape: TINY,
  pairs: 6,
  length: 12,
  prompts: 18,
  shared: { tokens: 7, groups: 3 },
  positionPairs: 2,
  peerPositions: { random: [2, 9], facts: [6, 9] },
  fewShot: { prompts: 20, prefix: 30, own: 5 },
  growth: { pairs: [2, 4, 8], lengths: [8, 16, 32], lengthPairs: 2, layers: [4, 8] },
  matmul: 256,
};
