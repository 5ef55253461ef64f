import type { ModelFacts } from "../architectures/architecture.ts";
import { EngineError } from "../errors.ts";
import { absence, HOOK_POINTS, type HookPoint, parseHookName, readBy } from "../hooks/hook-points.ts";
import { checkKnockouts } from "./check-knockouts.ts";
import { checkPosition } from "./check-position.ts";
import type { Edit, ForwardPass } from "./forward-pass.ts";

const bad = (message: string) => new EngineError("BAD_INPUT", message);

/** Numbers per position of a hook, all its heads together. */
export function hookWidth(point: HookPoint, facts: ModelFacts): number {
  const sizes = {
    d_model: facts.width,
    d_head: facts.headWidth,
    d_mlp: facts.mlpWidth,
    head: facts.heads,
    kv_head: facts.kvHeads,
    one: 1,
  };
  return HOOK_POINTS[point].dims.reduce((product, dim) => {
    if (dim === "query" || dim === "key") throw bad(`hook ${point}: has no fixed width per position`);
    return product * sizes[dim];
  }, 1);
}

/** How many heads a hook's first axis has, null without one: query heads, or key-value heads at k, v and their inputs. */
export function headCount(point: HookPoint, facts: ModelFacts): number | null {
  const [axis] = HOOK_POINTS[point].dims;
  if (axis === "head") return facts.heads;
  return axis === "kv_head" ? facts.kvHeads : null;
}

/** Refuses what the model cannot compute, naming the pass and the allowed range. */
export function checkPass(
  pass: ForwardPass,
  index: number,
  passes: readonly ForwardPass[],
  facts: ModelFacts,
): void {
  const { tokens } = pass;
  const where = `pass ${index}`;
  if (tokens.length === 0) throw bad(`prompt of ${where}: no tokens (1 to ${facts.positions} expected)`);
  if (tokens.length > facts.positions) {
    throw bad(
      `prompt of ${where}: ${tokens.length} tokens (the model has ${facts.positions} positions${facts.positionsReason ? `: ${facts.positionsReason}` : ""}; shorten it or use fewer shots)`,
    );
  }
  checkTokens(tokens, where, facts);
  if (pass.query) checkTokens(pass.query.tokens, `query of ${where}`, facts);
  for (const { hook } of pass.capture ?? []) checkCapture(hook, where, facts);
  for (const edit of pass.edits ?? []) checkEdit(edit, where, pass, passes, facts);
  checkKnockouts(pass, where, facts);
}

function checkTokens(tokens: readonly number[], where: string, facts: ModelFacts): void {
  for (const [position, id] of tokens.entries()) {
    if (!Number.isInteger(id) || id < 0 || id >= facts.vocabulary) {
      throw bad(`token of ${where} at position ${position}: ${id} (allowed: 0 to ${facts.vocabulary - 1})`);
    }
  }
}

function checkHook(hook: string, where: string, facts: ModelFacts): HookPoint {
  const { point, layer } = parseHookName(hook);
  if (layer !== null && layer >= facts.layers) {
    throw bad(`layer of ${hook} in ${where}: ${layer} (allowed: 0 to ${facts.layers - 1})`);
  }
  const missing = absence(point, facts);
  if (missing)
    throw new EngineError("UNKNOWN_HOOK", `hook ${hook} in ${where}: this model has none (${missing})`);
  return point;
}

/** Refuses a capture of a hook that the model lacks or that is only a place of edits. */
export function checkCapture(hook: string, where: string, facts: ModelFacts): void {
  const point = checkHook(hook, where, facts);
  const source = readBy(point, facts);
  if (source) {
    throw bad(
      `capture of ${hook} in ${where}: it is ${source} plus what an edit changes there (capture ${hook.replace(point, source)} instead)`,
    );
  }
}

function checkEdit(
  edit: Edit,
  where: string,
  pass: ForwardPass,
  passes: readonly ForwardPass[],
  facts: ModelFacts,
): void {
  const point = checkHook(edit.hook, where, facts);
  if (!HOOK_POINTS[point].editable) {
    throw bad(`edit in ${where}: ${edit.hook} cannot be changed (allowed: ${editablePoints().join(", ")})`);
  }
  if (!Number.isFinite(edit.scale))
    throw bad(`scale of ${edit.hook} in ${where}: ${edit.scale} (a finite number expected)`);
  const heads = headCount(point, facts);
  if (edit.head !== undefined) {
    if (heads === null) {
      const withHeads = editablePoints().filter((name) => headCount(name, facts) !== null);
      throw bad(`head of an edit in ${where}: ${edit.hook} has no heads (only ${withHeads.join(", ")} have)`);
    }
    if (!Number.isInteger(edit.head) || edit.head < 0 || edit.head >= heads) {
      throw bad(`head of ${edit.hook} in ${where}: ${edit.head} (allowed: 0 to ${heads - 1})`);
    }
  }
  if (edit.position !== undefined)
    checkPosition(edit.position, pass.tokens.length, `${edit.hook} in ${where}`);
  const { value } = edit;
  if (value instanceof Float32Array) {
    const width = hookWidth(point, facts) / (edit.head === undefined ? 1 : heads!);
    if (value.length !== width)
      throw bad(`value for ${edit.hook} in ${where}: ${value.length} numbers (expected ${width})`);
    if (!value.every(Number.isFinite))
      throw bad(`value for ${edit.hook} in ${where}: has NaN or infinite numbers`);
  } else if (value) {
    const source = passes[value.pass];
    if (!source)
      throw bad(
        `source of ${edit.hook} in ${where}: pass ${value.pass} (allowed: 0 to ${passes.length - 1})`,
      );
    if (source.edits?.length || source.knockouts?.length)
      throw bad(
        `source of ${edit.hook} in ${where}: pass ${value.pass} has edits or knockouts itself (take its captured value instead)`,
      );
    const position = value.position ?? edit.position;
    if (position === undefined && source.tokens.length !== pass.tokens.length) {
      throw new EngineError(
        "BAD_PAIR",
        `pair of passes ${index(passes, pass)} and ${value.pass}: ${pass.tokens.length} and ${source.tokens.length} tokens (must be equal to patch all positions; or give a position)`,
      );
    }
    if (position !== undefined)
      checkPosition(position, source.tokens.length, `source pass ${value.pass} of ${edit.hook} in ${where}`);
  }
}

const index = (passes: readonly ForwardPass[], pass: ForwardPass) => passes.indexOf(pass);

const editablePoints = (): HookPoint[] =>
  (Object.keys(HOOK_POINTS) as HookPoint[]).filter((point) => HOOK_POINTS[point].editable);
