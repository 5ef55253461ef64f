import type { Unit } from "@/format/numbers.ts";
import type { Estimate } from "@/graphql/fragments.ts";
import type { CurveView } from "./compare-state.ts";
import type { RunInComparison } from "./queries.ts";

/** A point of a curve over the layers of one run. */
export interface CurvePoint {
  /** Where in the model, as figures name it: a state of the residual stream, or a layer. */
  place: string;
  /** Relative depth: 0 at the embedding, 1 at the output. */
  depth: number;
  /** The same in layers of this model. */
  layer: number;
  estimate: Estimate;
}

/** A curve over depth that every run has. */
export interface Curve {
  unit: Unit;
  points: CurvePoint[];
  /** Mean depth weighted by the curve, where it is a distribution over depth. */
  centre: Estimate | null;
}

export function curveOf({ run, depth }: RunInComparison, { curve, measure }: CurveView): Curve {
  switch (curve) {
    case "answer":
    case "subject":
      return lensCurve(run, curve, measure);
    case "mass":
    case "cumulative":
      return {
        unit: "share",
        centre: depth.centreOfMass,
        points: depth.curve.map((point) => ({
          place: `layer ${point.layer}`,
          depth: point.depth,
          layer: point.layer,
          // A share of a sum has no interval of its own; how sure its place in depth is, the centre of mass says.
          estimate: {
            value: curve === "mass" ? point.share : point.cumulative,
            low: null,
            high: null,
            n: depth.centreOfMass.n,
            reason: null,
          },
        })),
      };
    case "mlps":
      return {
        unit: "logit",
        centre: null,
        points: (run.prediction?.directLogitAttribution.components ?? []).flatMap(
          ({ label, layer, centred }) =>
            layer === null
              ? []
              : [{ place: label, depth: (layer + 0.5) / depth.layers, layer, estimate: centred }],
        ),
      };
  }
}

function lensCurve(
  run: RunInComparison["run"],
  token: "answer" | "subject",
  measure: CurveView["measure"],
): Curve {
  const layers = run.argumentPassing?.layers ?? 0;
  return {
    unit: measure === "probability" ? "probability" : "logit",
    centre: null,
    points: (run.prediction?.lens.states ?? []).flatMap(({ label, depth }, index) => {
      const estimate = run.prediction?.lens[token][measure][index];
      return estimate ? [{ place: label, depth, layer: depth * layers, estimate }] : [];
    }),
  };
}

/** Smallest and largest number on the curves, 0 and their intervals included. */
export function extentOf(curves: readonly Curve[]): [number, number] {
  let [low, high] = [0, 0];
  for (const { estimate } of curves.flatMap(({ points }) => points)) {
    for (const end of [estimate.value, estimate.low, estimate.high]) {
      if (end !== null) [low, high] = [Math.min(low, end), Math.max(high, end)];
    }
  }
  return low === high ? [0, 1] : [low, high];
}

/** Where the horizontal axis ends: relative depth at 1, layers at those of the deepest model. */
export const endOf = (curves: readonly Curve[], scale: CurveView["scale"]): number =>
  scale === "depth" ? 1 : Math.max(1, ...curves.flatMap(({ points }) => points.map(({ layer }) => layer)));
