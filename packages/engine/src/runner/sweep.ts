import { type NamedArray, type StreamedArray, writeSafetensors } from "../checkpoints/safetensors-writer.ts";
import { attributionTensors } from "../gradients/attribution-tensors.ts";
import { logitDifference } from "../gradients/metric.ts";
import type { LabeledArray } from "../results/labeled-array.ts";
import { checkCorrupted, checkPairs, commonLength } from "../sweeps/check-pairs.ts";
import { estimateSweep, type SweepEstimate } from "../sweeps/estimate-sweep.ts";
import { buildSweep, type SweepOptions } from "../sweeps/index.ts";
import { runSweep } from "../sweeps/run-sweep.ts";
import { placesOf, type Sweep } from "../sweeps/sweep.ts";
import { SweepNumbers } from "../sweeps/sweep-numbers.ts";
import type { WrittenTensors } from "./activations.ts";
import type { OpenModel } from "./open-model.ts";
import { holdingOutput } from "./output-lock.ts";
import { PartialSweep } from "./partial-sweep.ts";
import { pairsOf, type SweepInput } from "./sweep-input.ts";
import { ENGINE_VERSION, SEMANTICS_VERSION } from "./version.ts";

/** What can be run over pairs as passes, and what a gradient says of every head, MLP and position at once. */
export type SweepChoice = SweepOptions | { over: "attribution" };

export interface SweepRequest {
  model: string;
  input: SweepInput;
  sweep: SweepChoice;
  /** File to write; OUT.partial beside it holds what is finished until all is. */
  out: string;
}

export interface SweepProgress {
  done: number;
  total: number;
  /** What is counted. */
  unit: "passes" | "pairs";
  /** Of the done, those of an earlier start of the same sweep. */
  before: number;
}

interface Call {
  onProgress?: (progress: SweepProgress) => void;
  signal?: AbortSignal;
}

/**
 * Runs a sweep and writes its arrays. One that was interrupted goes on from the shards it had finished, and gives the same bits.
 * @throws EngineError BAD_INPUT where another process writes the same file
 */
export const writeSweep = (
  model: OpenModel,
  request: SweepRequest,
  call: Call = {},
): Promise<WrittenTensors> =>
  holdingOutput(request.out, (check) => writeAlone(model, request, call, check), call.signal);

async function writeAlone(
  model: OpenModel,
  request: SweepRequest,
  { onProgress, signal }: Call,
  check: () => Promise<void>,
): Promise<WrittenTensors> {
  const pairs = pairsOf(request.input, model.tokenizer);
  if (request.sweep.over === "attribution")
    return writeAttribution(model, pairs, request, { onProgress, signal }, check);
  const sweep = buildSweep(pairs, request.sweep, model.session.spec.facts);
  const { weightHash } = model.summary;
  const content = [
    ENGINE_VERSION,
    SEMANTICS_VERSION,
    weightHash,
    request.sweep,
    pairs,
    // Parts from before there was a choice are the CPU's.
    ...(model.session.device === "cpu" ? [] : [model.session.device]),
  ];
  const partial = await PartialSweep.open(request.out, content, sweep);
  const numbers = new SweepNumbers(sweep);
  for (const index of partial.done) numbers.add(await partial.read(index));
  let before: number | null = null;
  await runSweep(model.session, sweep, {
    ...(signal && { signal }),
    done: partial.done,
    onProgress: (done, total) => {
      before ??= done;
      onProgress?.({ done, total, unit: "passes", before });
    },
    onShard: async (own) => {
      await partial.write(own);
      numbers.add(own);
    },
  });
  const arrays = numbers.arrays();
  const tensors: (NamedArray | StreamedArray)[] = arrays.map(({ name, axes, values }) => ({
    name,
    shape: axes.map(({ labels }) => labels.length),
    data: values,
  }));
  if (sweep.fullLogits) tensors.push(lastLogits(sweep, partial, model));
  await check();
  await writeSafetensors(request.out, tensors, metadataOf(model, request.sweep, arrays[0]!));
  await partial.remove();
  return { tensors: tensors.map(({ name, shape }) => ({ name, shape: [...shape] })) };
}

/** What a sweep will cost; see `estimateSweep`. */
export const estimateSweepRequest = (
  model: OpenModel,
  { input, sweep }: Omit<SweepRequest, "sweep" | "out"> & { sweep: SweepOptions },
): Promise<SweepEstimate> =>
  estimateSweep(model.session, buildSweep(pairsOf(input, model.tokenizer), sweep, model.session.spec.facts));

/** `[layer, head, pair, vocabulary]`, read back from the shards as it is written: too large to hold. */
function lastLogits(sweep: Sweep, partial: PartialSweep, { session }: OpenModel): StreamedArray {
  const places = sweep.axes.map(({ labels }) => labels.length);
  const { vocabulary } = session.spec.facts;
  return {
    name: "last_logits",
    shape: [...places, sweep.pairs.length, vocabulary],
    data: () => partial.lastLogits(placesOf(sweep), sweep.pairs.length, vocabulary),
  };
}

/** `axes` describes logit_diff; the other arrays have some of its axes. */
function metadataOf(
  { summary, session }: OpenModel,
  options: SweepOptions,
  diff: LabeledArray,
): Record<string, string> {
  const axes = diff.axes.map(({ dim, labels }) => (dim === "prompt" ? { dim: "batch" } : { dim, labels }));
  return {
    format: "recallscope",
    over: options.over,
    ...("kind" in options && { kind: options.kind }),
    ...("position" in options && { position: String(options.position) }),
    options: JSON.stringify(options),
    unit: diff.unit,
    axes: JSON.stringify(axes),
    model: summary.name,
    weight_hash: summary.weightHash,
    device: session.device,
  };
}

async function writeAttribution(
  { session, summary }: OpenModel,
  pairs: ReturnType<typeof pairsOf>,
  { out }: SweepRequest,
  { onProgress, signal }: Call,
  check: () => Promise<void>,
): Promise<WrittenTensors> {
  checkPairs(pairs, session.spec.facts);
  checkCorrupted(pairs);
  commonLength(pairs);
  const tensors = await attributionTensors(
    session,
    pairs.map(({ clean, corrupted, answer, wrong }) => ({
      clean,
      corrupted: corrupted!,
      metric: logitDifference(answer, wrong),
    })),
    {
      onProgress: (done, total) => onProgress?.({ done, total, unit: "pairs", before: 0 }),
      ...(signal && { signal }),
    },
  );
  await check();
  await writeSafetensors(out, tensors, {
    format: "recallscope",
    kind: "attribution",
    position: "all",
    formula: "gradient at the corrupted run x (clean - corrupted)",
    model: summary.name,
    weight_hash: summary.weightHash,
    device: session.device,
  });
  return { tensors: tensors.map(({ name, shape }) => ({ name, shape: [...shape] })) };
}
