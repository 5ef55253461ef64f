/** What the axes of a result can be. */
export const DIMENSIONS = [
  "prompt",
  "fact",
  "layer",
  "head",
  "state",
  "component",
  "token",
  "position",
  "alpha",
  "regressor",
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const UNITS = ["logit", "nats", "probability", "rank", "share", "effect", "weight", "count"] as const;
export type Unit = (typeof UNITS)[number];

/** An array that says what its axes and numbers are: the form in which bulk results are stored. NaN = not observed. */
export interface LabeledArray {
  name: string;
  unit: Unit;
  axes: readonly { dim: Dimension; labels: readonly string[] }[];
  /** Row-major, the last axis fastest. */
  values: Float32Array;
}
