import type { RunEstimate, SweepEstimate } from "@recallscope/engine";
import { bytes, duration, flops, grouped } from "./numbers.ts";
import { pairs } from "./table.ts";

type Costs = Omit<SweepEstimate, "passes" | "shards">;

/** What passes cost, line by line. */
export const costLines = ({
  rows,
  flops: work,
  bytes: held,
  weights,
  streamed,
  seconds,
}: Costs): [string, string][] => [
  ["rows", `${grouped(rows)} (positions computed, summed over layers)`],
  ["arithmetic", flops(work)],
  [
    "memory",
    `${bytes(held)} of activations and results at once, and ${bytes(weights)} of weights beside their files, which are mapped`,
  ],
  ...(streamed > 0
    ? [["streaming", `not all blocks fit: ${bytes(streamed)} of weights are read again`] as [string, string]]
    : []),
  ["time", `about ${duration(seconds)} on this machine`],
];

/** What a run costs, and what of it is not counted. */
export const describeRun = ({ facts, prompts, passes, further, ...costs }: RunEstimate): string =>
  pairs([
    ["facts", `${grouped(facts)}, ${grouped(prompts)} prompts`],
    ["passes", `${grouped(passes)} if the model knows every fact; less where it does not`],
    ...costLines(costs),
    ["not counted", ["opening the model, statistics, readings of the unembedding", ...further].join(", ")],
  ]);
