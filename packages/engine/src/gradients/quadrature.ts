import { EngineError } from "../errors.ts";

export const QUADRATURE_RULES = ["midpoint", "left", "right"] as const;

/** Where gradients are taken between the corrupted (0) and the clean (1) input: the points of a Riemann sum with equal weights. */
export interface Quadrature {
  rule: (typeof QUADRATURE_RULES)[number];
  /** Number of points, at least 1. */
  steps: number;
}

/** Attribution patching: one gradient, at the corrupted input. */
export const ATTRIBUTION_PATCHING: Quadrature = { rule: "left", steps: 1 };
/** Integrated gradients over the inputs (EAP-IG). */
export const INTEGRATED_GRADIENTS: Quadrature = { rule: "midpoint", steps: 5 };

/** Points in [0, 1], ascending. @throws EngineError BAD_INPUT for less than one step */
export function quadraturePoints({ rule, steps }: Quadrature): number[] {
  if (!Number.isInteger(steps) || steps < 1)
    throw new EngineError("BAD_INPUT", `steps of integrated gradients: ${steps} (a whole number from 1 on)`);
  const shift = { left: 0, midpoint: 0.5, right: 1 }[rule];
  return Array.from({ length: steps }, (_, k) => (k + shift) / steps);
}
