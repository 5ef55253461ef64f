import type { LabeledArray, RunReport } from "@recallscope/engine";
import { type ReportShape, tile, widenReport } from "../load/widen-report.ts";

/** The whole report as it would be of a larger model and more prompts: every part that a page shows, and the arrays, grow. */
export function widenWhole(report: RunReport, shape: ReportShape & { prompts: number }): RunReport {
  const { layers, heads, prompts } = shape;
  const wide = widenReport(report, shape);
  const { mlpActivation, functionApplication, finalLayer } = report;
  const depth = layers - 1;
  return {
    ...wide,
    prompts: tile(report.prompts, prompts, (prompt, index) => ({ ...prompt, index })),
    mlpActivation: {
      headlineLayer: mlpActivation.headlineLayer === null ? null : depth,
      decompositions: (["R1", "R2"] as const).flatMap((regressors) => {
        const own = mlpActivation.decompositions.filter((each) => each.regressors === regressors);
        return tile(own, layers, (decomposition, layer) => ({
          ...decomposition,
          layer,
          weights: tile(
            decomposition.weights,
            regressors === "R1" ? heads : heads * (layer + 1),
            (weight, i) => {
              const from = regressors === "R1" ? layer : Math.floor(i / heads);
              return { ...weight, layer: from, head: i % heads, label: `L${from}H${i % heads}` };
            },
          ),
        }));
      }),
    },
    functionApplication: {
      intercepts: (["R1", "R2"] as const).flatMap((regressors) =>
        tile(
          functionApplication.intercepts.filter((each) => each.regressors === regressors),
          layers,
          (intercept, layer) => ({ ...intercept, layer }),
        ),
      ),
    },
    finalLayer: {
      ...finalLayer,
      layer: depth,
      heads: tile(finalLayer.heads, heads, (each, head) => ({ ...each, head, label: `L${depth}H${head}` })),
    },
    arrays: report.arrays.map((array) => widenArray(array, shape)),
  };
}

/** Axes of layers, heads, prompts and states get the shape's lengths; the values repeat along them. */
function widenArray(array: LabeledArray, shape: ReportShape & { prompts: number }): LabeledArray {
  const lengths: Partial<Record<string, number>> = {
    layer: shape.layers,
    head: shape.heads,
    prompt: shape.prompts,
    state: 2 * shape.layers + 1,
  };
  const sizes = array.axes.map(({ dim, labels }) => lengths[dim] ?? labels.length);
  const axes = array.axes.map(({ dim, labels }, axis) => ({
    dim,
    labels:
      lengths[dim] === undefined || dim === "state"
        ? tile(labels, sizes[axis]!)
        : Array.from({ length: sizes[axis]! }, (_, i) => String(i)),
  }));
  const values = new Float32Array(sizes.reduce((product, size) => product * size, 1));
  for (let flat = 0; flat < values.length; flat++) {
    let rest = flat;
    let from = 0;
    let stride = 1;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const length = array.axes[axis]!.labels.length;
      from += ((rest % sizes[axis]!) % length) * stride;
      rest = Math.floor(rest / sizes[axis]!);
      stride *= length;
    }
    values[flat] = array.values[from]!;
  }
  return { ...array, axes, values };
}
