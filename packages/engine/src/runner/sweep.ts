import { type NamedArray, writeSafetensors } from "../checkpoints/safetensors-writer.ts";
import { EngineError } from "../errors.ts";
import { hookName } from "../hooks/hook-points.ts";
import { execute } from "../planner/execute.ts";
import type { ForwardPass } from "../planner/forward-pass.ts";
import type { SweepRequest } from "../worker/client.ts";
import type { WrittenTensors } from "./activations.ts";
import type { OpenModel } from "./open-model.ts";

/**
 * Changes one head at a time. `zero` scales its z to 0 on the clean run at all positions; `denoise` puts its clean z at one position into the
 * corrupted run, `noise` the reverse. Out: logit_diff `[layer, head, batch]` = logit(answer) - logit(wrong) at the last position, that of the
 * unchanged runs `[batch]`, and with `logits` last_logits `[layer, head, batch, vocabulary]`.
 */
export async function writeSweep(
  model: OpenModel,
  request: SweepRequest,
  onProgress: (done: number, total: number) => void,
  signal?: AbortSignal,
): Promise<WrittenTensors> {
  const { layers, heads, vocabulary } = model.session.spec.facts;
  const { clean, answer, wrong } = request.input;
  checkPairs(request.input);
  const batch = clean.length;
  const perHead = new Float32Array(layers * heads * batch);
  const lastLogits = request.logits ? new Float32Array(layers * heads * batch * vocabulary) : null;
  const base = { clean: new Float32Array(batch), corrupted: new Float32Array(batch) };
  for (let b = 0; b < batch; b++) {
    const results = await execute(model.session, pairPasses(request, b, layers, heads), {
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
  const { name, weightHash } = model.summary;
  await writeSafetensors(request.out, tensors, {
    format: "recallscope",
    kind: request.kind,
    position: String(request.position),
    model: name,
    weight_hash: weightHash,
  });
  return { tensors: tensors.map(({ name, shape }) => ({ name, shape: [...shape] })) };
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

function checkPairs({ clean, corrupted, answer, wrong }: SweepRequest["input"]): void {
  if (clean.length === 0) throw new EngineError("BAD_PAIR", "pairs: none given (at least one expected)");
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
  }
}
