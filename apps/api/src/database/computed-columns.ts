/** What the database computes of a run's row: never written, so left out where rows are copied. */
export const COMPUTED_COLUMNS = {
  top1: true,
  probability: true,
  moverEffect: true,
  r2HeldOut: true,
  finalLayerChange: true,
  seconds: true,
} as const;
