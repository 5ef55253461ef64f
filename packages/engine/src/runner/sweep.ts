import type { ModelFacts } from "../architectures/architecture.ts";
import { type NamedArray, writeSafetensors } from "../checkpoints/safetensors-writer.ts";
import { EngineError } from "../errors.ts";
import { attributionTensors } from "../gradients/attribution-tensors.ts";
import { logitDifference } from "../gradients/gradients.ts";
import { hookName } from "../hooks/hook-points.ts";
import { execute } from "../planner/execute.ts";
import type { ForwardPass } from "../planner/forward-pass.ts";
import type { ModelSession } from "../session/model-session.ts";
import type { SweepRequest } from "../worker/client.ts";
import type { WrittenTensors } from "./activations.ts";
import type { OpenModel } from "./open-model.ts";

/**
 * Changes one head at a time and writes what becomes of logit(answer) - logit(wrong) at the last position, or with `attribution` what its
 * gradient says of every head, MLP and position.
 */
export async function writeSweep(
  model: OpenModel,
  request: SweepRequest,
  onProgress: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<WrittenTensors> {
  const { session, summary } = model;
  const { input, kind, position } = request;
  checkPairs(request, session.spec.facts);
  const attributing = kind === "attribution";
  const tensors = attributing
    ? await attributionTensors(
        session,
        input.clean.map((clean, b) => ({
          clean,
          corrupted: input.corrupted[b]!,
          metric: logitDifference(input.answer[b]!, input.wrong[b]!),
        })),
        onProgress,
        signal,
      )
    : await patchingTensors(session, request, onProgress, signal);
  await writeSafetensors(request.out, tensors, {
    format: "recallscope",
    kind,
    position: attributing ? "all" : String(position),
    ...(attributing && { formula: "gradient at the corrupted run x (clean - corrupted)" }),
    model: summary.name,
    weight_hash: summary.weightHash,
  });
  return { tensors: tensors.map(({ name, shape }) => ({ name, shape: [...shape] })) };
}

/**
 * `zero` scales a head's z to 0 on the clean run at all positions; `denoise` puts its clean z at one position into the corrupted run, `noise`
 * the reverse. logit_diff `[layer, head, batch]`, that of the unchanged runs `[batch]`, and with `logits` last_logits
 * `[layer, head, batch, vocabulary]`.
 */
async function patchingTensors(
  session: ModelSession,
  request: SweepRequest,
  onProgress: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<NamedArray[]> {
  const { layers, heads, vocabulary } = session.spec.facts;
  const { clean, answer, wrong } = request.input;
  const batch = clean.length;
  const perHead = new Float32Array(layers * heads * batch);
  const lastLogits = request.logits ? new Float32Array(layers * heads * batch * vocabulary) : null;
  const base = { clean: new Float32Array(batch), corrupted: new Float32Array(batch) };
  for (let b = 0; b < batch; b++) {
    const results = await execute(session, pairPasses(request, b, layers, heads), {
      ...(signal && { signal }),
    });
    const difference = (i: number) => {
      const { queried, logits } = results[i]!;
      return logits ? logits[answer[b]!]! - logits[wrong[b]!]! : queried![0]! - queried![1]!;
    };
    base.clean[b] = difference(0);
    base.corrupted[b] = difference(1);
    for (let i = 0; i < layers * heads; i++) {
      perHead[i * batch + b] = difference(2 + i);
      lastLogits?.set(results[2 + i]!.logits!, (i * batch + b) * vocabulary);
    }
    onProgress(b + 1, batch);
  }
  const tensors: NamedArray[] = [
    { name: "logit_diff", shape: [layers, heads, batch], data: perHead },
    { name: "logit_diff_clean", shape: [batch], data: base.clean },
    { name: "logit_diff_corrupted", shape: [batch], data: base.corrupted },
  ];
  if (lastLogits)
    tensors.push({ name: "last_logits", shape: [layers, heads, batch, vocabulary], data: lastLogits });
  return tensors;
}

/** The clean run, the corrupted run, then every head. */
function pairPasses(
  { input, kind, position, logits }: SweepRequest,
  b: number,
  layers: number,
  heads: number,
): ForwardPass[] {
  const [clean, corrupted] = [input.clean[b]!, input.corrupted[b]!];
  const query = { tokens: [input.answer[b]!, input.wrong[b]!] };
  const wanted = logits ? ({ logits: "last" } as const) : { query };
  const passes: ForwardPass[] = [
    { tokens: clean, query },
    { tokens: corrupted, query },
  ];
  const at = position === "last" ? -1 : position;
  for (let layer = 0; layer < layers; layer++) {
    const hook = hookName("attn.hook_z", layer);
    for (let head = 0; head < heads; head++) {
      if (kind === "zero") passes.push({ tokens: clean, edits: [{ hook, head, scale: 0 }], ...wanted });
      else if (kind === "denoise")
        passes.push({
          tokens: corrupted,
          edits: [{ hook, head, position: at, scale: 0, value: { pass: 0 } }],
          ...wanted,
        });
      else
        passes.push({
          tokens: clean,
          edits: [{ hook, head, position: at, scale: 0, value: { pass: 1 } }],
          ...wanted,
        });
    }
  }
  return passes;
}

/** Refuses what cannot be computed or written, naming the pair. */
function checkPairs({ input, kind, position, logits }: SweepRequest, facts: ModelFacts): void {
  const { clean, corrupted, answer, wrong } = input;
  const bad = (message: string) => new EngineError("BAD_INPUT", message);
  if (clean.length === 0) throw new EngineError("BAD_PAIR", "pairs: none given (at least one expected)");
  if (kind === "attribution" && logits)
    throw bad("last logits of an attribution: there are none (no run is changed; leave them out)");
  for (const [name, list] of Object.entries({ corrupted, answer, wrong })) {
    if (list.length !== clean.length)
      throw new EngineError(
        "BAD_PAIR",
        `pairs: ${list.length} entries in ${name} (clean has ${clean.length})`,
      );
  }
  for (const [b, tokens] of clean.entries()) {
    if (tokens.length !== corrupted[b]!.length) {
      throw new EngineError(
        "BAD_PAIR",
        `pair ${b}: ${tokens.length} clean and ${corrupted[b]!.length} corrupted tokens (must be equal: a position would mean two things)`,
      );
    }
    if (kind === "attribution" && tokens.length !== clean[0]!.length) {
      throw new EngineError(
        "BAD_PAIR",
        `pair ${b}: ${tokens.length} tokens (pair 0 has ${clean[0]!.length}; one file holds attributions of pairs of equal length: padding would change them)`,
      );
    }
    if (tokens.length > facts.positions)
      throw bad(`pair ${b}: ${tokens.length} tokens (the model has ${facts.positions} positions)`);
    const patched = kind === "denoise" || kind === "noise";
    if (patched && position !== "last" && position >= tokens.length)
      throw bad(`position of pair ${b}: ${position} (allowed: last, or 0 to ${tokens.length - 1})`);
    const ids = { clean: tokens, corrupted: corrupted[b]!, answer: [answer[b]!], wrong: [wrong[b]!] };
    for (const [name, list] of Object.entries(ids)) {
      const id = list.find((own) => !Number.isInteger(own) || own < 0 || own >= facts.vocabulary);
      if (id !== undefined)
        throw bad(`token in ${name} of pair ${b}: ${id} (allowed: 0 to ${facts.vocabulary - 1})`);
    }
  }
}
