import type { Job } from "../job.ts";
import { type Pairs, randomPairs } from "../model/pairs.ts";
import type { Row } from "./row.ts";
import { headsBelow, type Setting } from "./setting.ts";

/** The head sweep at the last position, ours alone, against pairs, prompt length and layers. */
export function growthRows({ sizes, model, models, threads }: Setting): Row[] {
  const { growth, shape, pairs, length } = sizes;
  const row = (
    name: NonNullable<Row["series"]>["name"],
    value: number,
    folder: string,
    layers: number,
    tokens: Pairs,
  ): Row => {
    const whole: Job = {
      kind: "head-sweep",
      model: folder,
      threads,
      heads: headsBelow(layers, shape.heads),
      positions: [tokens.clean[0]!.length - 1],
      ...tokens,
    };
    const { clean } = tokens;
    return {
      id: `growth-${name.replaceAll(" ", "-")}-${value}`,
      title: `Head sweep, ${value} ${name === "prompt length" ? "tokens" : name}`,
      what: `${layers} layers, ${clean.length} random pairs x ${clean[0]!.length} tokens`,
      targets: [],
      entries: [{ side: "ours", algorithm: "rows", job: whole, scale: 1 }],
      whole,
      series: { name, value },
    };
  };
  const random = (count: number, tokens: number) => randomPairs(count, tokens, shape.vocabulary);
  return [
    ...growth.pairs.map((count) => row("pairs", count, model, shape.layers, random(count, length))),
    ...growth.lengths.map((tokens) =>
      row("prompt length", tokens, model, shape.layers, random(growth.lengthPairs, tokens)),
    ),
    ...growth.layers.map((layers) =>
      row("layers", layers, models.get(layers)!, layers, random(pairs, length)),
    ),
  ];
}
