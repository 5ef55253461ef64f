import type { RunReport } from "@recallscope/engine";

export interface ReportShape {
  layers: number;
  /** Per layer. */
  heads: number;
}

/**
 * A real report as it would be of a model with more layers and heads: as large, with numbers of the right kind, which mean nothing. Only
 * the parts that comparisons read grow.
 */
export function widenReport(report: RunReport, { layers, heads }: ReportShape): RunReport {
  const { argumentPassing, prediction } = report;
  const { lens, directLogitAttribution } = prediction;
  const wide = tile(argumentPassing.heads, layers * heads, (head, i) => {
    const [layer, place] = [Math.floor(i / heads), i % heads];
    return { ...head, layer, head: place, label: `L${layer}H${place}`, rank: i };
  });
  const states = tile(lens.states, 2 * layers + 1, (state, i) => ({
    ...state,
    layer: Math.min(layers - 1, Math.floor(i / 2)),
    depth: i / (2 * layers),
  }));
  const trajectory = (own: typeof lens.answer) => ({
    medianRank: tile(own.medianRank, states.length),
    centredLogit: tile(own.centredLogit, states.length),
    probability: tile(own.probability, states.length),
  });
  const components = tile(directLogitAttribution.components, layers * (heads + 2) + 2);
  return {
    ...report,
    receipt: {
      ...report.receipt,
      model: { ...report.receipt.model, layers, heads, weightHash: `${layers}x${heads}`.padEnd(64, "0") },
    },
    argumentPassing: {
      ...argumentPassing,
      layers,
      headsPerLayer: heads,
      heads: wide,
      movers: wide.filter(({ mover }) => mover).map(({ label }) => label),
    },
    prediction: {
      ...prediction,
      lens: { states, answer: trajectory(lens.answer), subject: trajectory(lens.subject) },
      directLogitAttribution: { ...directLogitAttribution, components },
    },
  };
}

export const tile = <T>(
  values: readonly T[],
  count: number,
  change: (value: T, index: number) => T = (value) => value,
): T[] => Array.from({ length: count }, (_, index) => change(values[index % values.length]!, index));
