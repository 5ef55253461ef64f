import { type ExecuteOptions, execute, throwIfCancelled } from "../planner/execute.ts";
import type { PassResult } from "../planner/forward-pass.ts";
import type { ModelSession } from "../session/model-session.ts";
import { PassCounter } from "./dry-run.ts";
import { type Shard, shardsOf } from "./shards.ts";
import { runStages } from "./stages.ts";
import type { PairReading, Sweep } from "./sweep.ts";

/** The finished numbers of a shard, all in logits. */
export interface ShardNumbers {
  shard: Shard;
  /** Answer and wrong of the unchanged runs, `[part, clean or corrupted, 2]`; NaN where there is no corrupted prompt. */
  unchanged: Float32Array;
  /** Answer and wrong at each place of each part in turn, `[place, 2]`. */
  metric: Float32Array;
  /** `[place, vocabulary]` of sweeps that keep all logits. */
  lastLogits: Float32Array | null;
}

export interface RunSweepOptions extends Pick<ExecuteOptions, "signal" | "maxMemory"> {
  /** Passes finished, of all passes of the sweep; those of `done` count as finished. */
  onProgress?: (done: number, total: number) => void;
  /** Gets each shard as soon as it is finished; the next one waits for it. */
  onShard?: (numbers: ShardNumbers) => void | Promise<void>;
  /** Indices of the shards that are not to be computed again. */
  done?: ReadonlySet<number>;
}

/**
 * Runs a sweep shard by shard: only one shard's passes and results are held at a time, however many there are.
 * @throws EngineError CANCELLED; shards given to `onShard` before are finished
 */
export async function runSweep(
  session: ModelSession,
  sweep: Sweep,
  { signal, maxMemory, onProgress, onShard, done }: RunSweepOptions = {},
): Promise<void> {
  const shards = shardsOf(sweep);
  const counter = new PassCounter(sweep, session.spec.facts);
  const passes: number[] = [];
  for (const shard of shards) passes.push(await counter.of(shard));
  const total = passes.reduce((a, b) => a + b, 0);
  const options = { ...(signal && { signal }), ...(maxMemory !== undefined && { maxMemory }) };
  let finished = passes.reduce((sum, own, index) => sum + (done?.has(index) ? own : 0), 0);
  onProgress?.(finished, total);
  for (const shard of shards) {
    if (done?.has(shard.index)) continue;
    throwIfCancelled(signal);
    let stages = 0;
    const readings = await runStages(
      shard.parts.map(({ pair, from, to }) => sweep.measure(sweep.pairs[pair]!, from, to)),
      async (plan) => {
        const results = await execute(session, plan, {
          ...options,
          onProgress: (own) => onProgress?.(finished + stages + own, total),
        });
        stages += plan.length;
        return results;
      },
    );
    await onShard?.(numbersOf(sweep, shard, readings));
    finished += passes[shard.index]!;
    onProgress?.(finished, total);
  }
}

function numbersOf(sweep: Sweep, shard: Shard, readings: readonly PairReading[]): ShardNumbers {
  const places = readings.reduce((sum, reading) => sum + reading.places.length, 0);
  const unchanged = new Float32Array(4 * readings.length).fill(Number.NaN);
  const metric = new Float32Array(2 * places);
  let lastLogits: Float32Array | null = null;
  let place = 0;
  for (const [i, { clean, corrupted, places: own }] of readings.entries()) {
    const { answer, wrong } = sweep.pairs[shard.parts[i]!.pair]!;
    const metricOf = ({ queried, logits }: PassResult) =>
      sweep.fullLogits && logits ? [logits[answer]!, logits[wrong]!] : queried!;
    unchanged.set(metricOf(clean), 4 * i);
    if (corrupted) unchanged.set(metricOf(corrupted), 4 * i + 2);
    for (const result of own) {
      metric.set(metricOf(result), 2 * place);
      if (sweep.fullLogits) {
        lastLogits ??= new Float32Array(places * result.logits!.length);
        lastLogits.set(result.logits!, place * result.logits!.length);
      }
      place++;
    }
  }
  return { shard, unchanged, metric, lastLogits };
}
