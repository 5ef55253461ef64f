import type { ModelFacts } from "../architectures/architecture.ts";
import { type NamedArray, writeSafetensors } from "../checkpoints/safetensors-writer.ts";
import { EngineError } from "../errors.ts";
import {
  absence,
  capturePatterns,
  HOOK_POINTS,
  type HookName,
  type HookPoint,
  hookName,
  isInput,
  parseHookName,
} from "../hooks/hook-points.ts";
import { checkCapture, hookWidth } from "../planner/check-pass.ts";
import { execute } from "../planner/execute.ts";
import type { PassResult } from "../planner/forward-pass.ts";
import type { ActivationsRequest } from "../worker/client.ts";
import type { OpenModel } from "./open-model.ts";

export interface WrittenTensors {
  tensors: { name: string; shape: number[] }[];
}

/** Writes the asked activations of prompts of equal length as `[prompt, position, ...]`, named by hook; `logits` as `[prompt, position, vocabulary]`. */
export async function writeActivations(
  model: OpenModel,
  request: ActivationsRequest,
  signal?: AbortSignal,
): Promise<WrittenTensors> {
  const { facts } = model.session.spec;
  const prompts = promptTokens(model, request.input);
  const wanted = expandHooks(request.hooks, facts);
  const hooks = wanted.filter((name): name is HookName => name !== "logits");
  const withLogits = wanted.includes("logits");
  const results = await execute(
    model.session,
    prompts.map((tokens) => ({
      tokens,
      capture: hooks.map((hook) => ({ hook, positions: "all" as const })),
      ...(withLogits && { logits: "all" as const }),
    })),
    { ...(signal && { signal }) },
  );
  const length = prompts[0]!.length;
  const tensors = hooks.map((hook) =>
    stack(hook, results, activationShape(hook, facts, length), (r) => r.captures.get(hook)!),
  );
  if (withLogits) tensors.push(stack("logits", results, [length, facts.vocabulary], (r) => r.logits!));
  const metadata = {
    format: "recallscope",
    model: model.summary.name,
    weight_hash: model.summary.weightHash,
    device: model.session.device,
  };
  await writeSafetensors(request.out, tensors, metadata);
  return { tensors: tensors.map(({ name, shape }) => ({ name, shape: [...shape] })) };
}

function promptTokens({ tokenizer }: OpenModel, input: ActivationsRequest["input"]): number[][] {
  const prompts =
    "input_ids" in input
      ? input.input_ids
      : input.prompts.map((text) => tokenizer.encode(text).map(({ id }) => id));
  if (prompts.length === 0) throw new EngineError("BAD_INPUT", "prompts: none given (at least one expected)");
  const odd = prompts.findIndex((tokens) => tokens.length !== prompts[0]!.length);
  if (odd >= 0) {
    throw new EngineError(
      "BAD_INPUT",
      `prompt ${odd}: ${prompts[odd]!.length} tokens (prompt 0 has ${prompts[0]!.length}; one file holds prompts of equal length: padding would change them)`,
    );
  }
  return prompts;
}

/** Hook names of the model that match the given names and globs (`*` and `?`), in the order of the layers. */
export function expandHooks(patterns: readonly string[], facts: ModelFacts): (HookName | "logits")[] {
  const all: (HookName | "logits")[] = [
    "hook_embed",
    ...(facts.learnedPositions ? (["hook_pos_embed"] as const) : []),
  ];
  const points = Object.entries(HOOK_POINTS).filter(
    ([point, row]) =>
      row.scope === "block" && !isInput(point as HookPoint) && absence(point as HookPoint, facts) === null,
  );
  for (let layer = 0; layer < facts.layers; layer++) {
    for (const [point] of points) all.push(hookName(point as Parameters<typeof hookName>[0], layer));
  }
  all.push("ln_final.hook_scale", "logits");
  const matched = new Set<string>();
  for (const pattern of patterns) {
    const glob = /[*?]/.test(pattern);
    if (!glob && pattern !== "logits") checkCapture(pattern, "the request", facts);
    const test = new RegExp(
      `^${pattern
        .replace(/[.+^${}()|[\]\\]/g, "\\$&")
        .replaceAll("*", ".*")
        .replaceAll("?", ".")}$`,
    );
    const own = all.filter((name) => test.test(name));
    if (own.length === 0) {
      throw new EngineError(
        "UNKNOWN_HOOK",
        `hook ${pattern}: nothing of this model has that name (layers 0 to ${facts.layers - 1}; points: ${capturePatterns().join(", ")}, logits)`,
      );
    }
    for (const name of own) matched.add(name);
  }
  return all.filter((name) => matched.has(name));
}

/** Shape of one prompt's capture at all positions. */
function activationShape(hook: HookName, facts: ModelFacts, length: number): number[] {
  const { point } = parseHookName(hook);
  if (point === "attn.hook_pattern") return [facts.heads, length, length];
  const { dims } = HOOK_POINTS[point];
  if (dims.length === 1) return dims[0] === "one" ? [length, 1] : [length, hookWidth(point, facts)];
  const heads = dims[0] === "kv_head" ? facts.kvHeads : facts.heads;
  return [length, heads, hookWidth(point, facts) / heads];
}

function stack(
  name: string,
  results: readonly PassResult[],
  shape: readonly number[],
  pick: (r: PassResult) => Float32Array,
): NamedArray {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = new Float32Array(results.length * size);
  for (const [i, result] of results.entries()) data.set(pick(result), i * size);
  return { name, shape: [results.length, ...shape], data };
}
