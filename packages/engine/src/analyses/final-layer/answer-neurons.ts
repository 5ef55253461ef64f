import type { FinalLayerNeuron } from "../../results/final-layer-components.ts";
import type { FurtherContext } from "../further.ts";
import { meanOverPrompts } from "../per-fact.ts";
import { emptySeries, rowProduct, type Series, seriesEstimates, setDla } from "./component-series.ts";
import { type Frequency, frequencyCorrelation } from "./frequency.ts";
import type { NeuronWeights } from "./neuron-effects.ts";

const REPORTED = 20;

/** What a neuron's numbers on one prompt follow from. */
export interface NeuronInput {
  answer: number;
  /** Final norm's scale. */
  scale: number;
  /** mlp.hook_post `[d_mlp]`. */
  hidden: Float32Array;
  /** See `slopeDirection`. */
  slope: Float32Array | null;
}

/** The neurons that write most on the answer. What a neuron writes is its activation times fixed weights. */
export async function answerNeurons(
  measured: readonly NeuronInput[][],
  weights: NeuronWeights,
  candidates: Float32Array,
  frequency: Frequency,
  context: FurtherContext,
): Promise<FinalLayerNeuron[]> {
  const { model, instruments, candidates: tokens } = context;
  const { width, vocabulary, layers } = model;
  const onCandidates = await instruments.product(weights.out, candidates, width);
  const n = weights.norm.length;
  const place = new Map(tokens.map((token, t) => [token, t]));
  const totals = new Float64Array(n);
  for (const { answer, hidden, scale } of measured.flat()) {
    for (let i = 0; i < n; i++)
      totals[i]! += (hidden[i]! * onCandidates[i * tokens.length + place.get(answer)!]!) / scale;
  }
  const chosen = [...totals.keys()]
    .filter((i) => totals[i] !== 0)
    .sort((a, b) => Math.abs(totals[b]!) - Math.abs(totals[a]!) || a - b)
    .slice(0, REPORTED);
  const seriesOf = ({ answer, hidden, scale, slope }: NeuronInput): Series => {
    const series = emptySeries(chosen.length);
    for (const [c, i] of chosen.entries()) {
      const dla = onCandidates.subarray(i * tokens.length, (i + 1) * tokens.length);
      const factor = hidden[i]! / scale;
      setDla(series, c, dla, place.get(answer)!, factor);
      series.correlation[c] = frequency.logFrequency
        ? frequencyCorrelation(weights.along[i]!, weights.length[i]!, factor, vocabulary)
        : Number.NaN;
      series.slope[c] = slope ? rowProduct(weights.out, i, slope) * factor : Number.NaN;
    }
    return series;
  };
  const estimates = seriesEstimates(
    measured.map((own) => own.map(seriesOf)),
    chosen.length,
    context,
  );
  return chosen.map((i, c) => ({
    label: `L${layers - 1}N${i}`,
    kind: "neuron",
    index: i,
    ...estimates[c]!,
    activation: meanOverPrompts(
      measured.map((own) => own.map(({ hidden }) => hidden[i]!)),
      context,
    ),
  }));
}
