import type { ModelFacts } from "../architectures/architecture.ts";
import { type HookName, parseHookName } from "../hooks/hook-points.ts";
import { hookWidth } from "../planner/check-pass.ts";
import type { ForwardPass, PassResult } from "../planner/forward-pass.ts";
import type { Shard } from "./shards.ts";
import { type Execute, runStages } from "./stages.ts";
import type { Sweep } from "./sweep.ts";

/** Makes all passes of a shard without running any: later stages are made from zeros, which leaves their number and form as they are. */
export async function dryRun(
  sweep: Sweep,
  shard: Shard,
  facts: ModelFacts,
  look: (passes: readonly ForwardPass[]) => Promise<void>,
): Promise<void> {
  const zeros = new Map<number, Float32Array>();
  const zerosOf = (count: number) => {
    let own = zeros.get(count);
    if (!own) {
      own = new Float32Array(count);
      zeros.set(count, own);
    }
    return own;
  };
  const execute: Execute = async (passes) => {
    await look(passes);
    return passes.map((pass) => emptyResult(pass, facts, zerosOf));
  };
  await runStages(
    shard.parts.map(({ pair, from, to }) => sweep.measure(sweep.pairs[pair]!, from, to)),
    execute,
  );
}

function emptyResult(
  { tokens, capture, logits, query }: ForwardPass,
  facts: ModelFacts,
  zerosOf: (count: number) => Float32Array,
): PassResult {
  const captures = new Map<HookName, Float32Array>();
  for (const { hook, positions } of capture ?? []) {
    const { point } = parseHookName(hook);
    const rows = positions === "all" ? tokens.length : 1;
    const width = point === "attn.hook_pattern" ? facts.heads * tokens.length : hookWidth(point, facts);
    captures.set(hook, zerosOf(rows * width));
  }
  return {
    captures,
    ...(logits && { logits: zerosOf(facts.vocabulary * (logits === "all" ? tokens.length : 1)) }),
    ...(query && { queried: zerosOf(query.tokens.length) }),
  };
}

/** Counts the passes of shards; parts of equal form have equally many and are looked at once. */
export class PassCounter {
  private readonly known = new Map<string, number>();

  constructor(
    private readonly sweep: Sweep,
    private readonly facts: ModelFacts,
  ) {}

  async of(shard: Shard): Promise<number> {
    let sum = 0;
    for (const part of shard.parts) {
      const { clean, corrupted } = this.sweep.pairs[part.pair]!;
      const form = [clean.length, corrupted === undefined, part.from, part.to].join();
      let count = this.known.get(form);
      if (count === undefined) {
        count = 0;
        await dryRun(this.sweep, { index: 0, parts: [part] }, this.facts, async (passes) => {
          count! += passes.length;
        });
        this.known.set(form, count);
      }
      sum += count;
    }
    return sum;
  }
}
