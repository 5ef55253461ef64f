import { EngineError } from "../errors.ts";
import { type Change, changeEach } from "./changes.ts";
import { commonLength } from "./check-pairs.ts";
import { placesBetween, positionAxis, type SweepBuilder, type SweepPair } from "./sweep.ts";

/** Positions from the first to the last, both included. */
export type KeySpan = readonly [first: number, last: number];

export interface KnockoutOptions {
  /** Layers of a window, centred on the layer it is named after and cut at the ends; by default a fifth of the model. */
  window?: number;
  /** Keys hidden together; by default each position on its own. */
  spans?: readonly KeySpan[];
}

/** Layers of a window where none is given: a tenth of the model to each side, as in the analysis of knock-outs. */
export const usualWindow = (layers: number): number => 2 * Math.max(1, Math.round(layers / 10)) + 1;

/**
 * Keys that the last position of the clean run does not see in a window of layers (Geva et al. 2023): `[layer, pair, position]`, the
 * layer being the window's middle and its label the window, or `[layer, pair, span]`.
 */
export const knockout: SweepBuilder<KnockoutOptions> = (pairs, options, facts) => {
  const window = Math.min(options.window ?? usualWindow(facts.layers), facts.layers);
  if (!Number.isInteger(window) || window < 1 || (options.window ?? 1) > facts.layers)
    throw new EngineError(
      "BAD_INPUT",
      `window of a knock-out: ${options.window} layers (allowed: 1 to ${facts.layers})`,
    );
  const spans = options.spans ?? eachPosition(commonLength(pairs));
  checkSpans(spans, pairs);
  const windows = Array.from({ length: facts.layers }, (_, middle): KeySpan => {
    const first = middle - Math.floor((window - 1) / 2);
    return [Math.max(0, first), Math.min(facts.layers, first + window) - 1];
  });
  const axes = [
    { dim: "layer" as const, labels: windows.map(spanLabel) },
    options.spans ? { dim: "position" as const, labels: spans.map(spanLabel) } : positionAxis(spans.length),
  ];
  return {
    pairs,
    axes,
    outer: 1,
    fullLogits: false,
    rowsPerPlace: () => 1,
    numbersPerPlace: 2,
    measure: (pair, from, to) => changeEach(pair, changes(from, to)),
  };

  function* changes(from: number, to: number): Generator<Change> {
    for (const [middle, span] of placesBetween(axes, from, to)) {
      const keys = within(spans[span!]!);
      const layers = within(windows[middle!]!);
      yield { run: "clean", knockouts: layers.map((layer) => ({ layer, query: -1, keys })) };
    }
  }
};

const within = ([first, last]: KeySpan): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);
const eachPosition = (length: number): KeySpan[] => Array.from({ length }, (_, i) => [i, i]);
const spanLabel = ([first, last]: KeySpan): string => (first === last ? String(first) : `${first}-${last}`);

function checkSpans(spans: readonly KeySpan[], pairs: readonly SweepPair[]): void {
  if (spans.length === 0)
    throw new EngineError("BAD_INPUT", "keys of a knock-out: none given (at least one span expected)");
  for (const [b, { clean }] of pairs.entries()) {
    for (const span of spans) {
      const [first, last] = span;
      if (
        !Number.isInteger(first) ||
        !Number.isInteger(last) ||
        first < 0 ||
        last < first ||
        last >= clean.length
      )
        throw new EngineError(
          "BAD_INPUT",
          `keys of a knock-out: ${spanLabel(span)} in pair ${b} (allowed: positions 0 to ${clean.length - 1}, the smaller first)`,
        );
      if (last - first + 1 === clean.length)
        throw new EngineError(
          "BAD_INPUT",
          `keys of a knock-out: ${spanLabel(span)} in pair ${b} are all that its last position sees (leave at least one)`,
        );
    }
  }
}
