import type { ForwardPass, PassResult } from "./forward-pass.ts";

/**
 * Passes of several askers as one list without repetition: passes without edits and knockouts over the same tokens become one that captures what any of them
 * wants. References between passes of a list are moved along. `resultsOf` gives an asker its own results back.
 */
export function mergePasses(lists: readonly (readonly ForwardPass[])[]): {
  passes: ForwardPass[];
  resultsOf: (results: readonly PassResult[], list: number) => PassResult[];
} {
  const passes: ForwardPass[] = [];
  const shared = new Map<string, number>();
  const places = lists.map((list) => list.map(() => -1));
  for (const [l, list] of lists.entries()) {
    for (const [i, pass] of list.entries()) {
      const mergeable = !pass.edits?.length && !pass.knockouts?.length && !pass.query;
      const key = pass.tokens.join();
      const existing = mergeable ? shared.get(key) : undefined;
      if (existing !== undefined) {
        passes[existing] = union(passes[existing]!, pass);
        places[l]![i] = existing;
        continue;
      }
      places[l]![i] = passes.length;
      if (mergeable) shared.set(key, passes.length);
      passes.push(pass);
    }
  }
  for (const [l, list] of lists.entries()) {
    for (const [i, pass] of list.entries()) {
      if (pass.edits?.some(({ value }) => value && !(value instanceof Float32Array))) {
        const at = places[l]![i]!;
        passes[at] = {
          ...pass,
          edits: pass.edits.map((edit) =>
            edit.value && !(edit.value instanceof Float32Array)
              ? { ...edit, value: { ...edit.value, pass: places[l]![edit.value.pass]! } }
              : edit,
          ),
        };
      }
    }
  }
  return { passes, resultsOf: (results, list) => places[list]!.map((at) => results[at]!) };
}

type CaptureList = NonNullable<ForwardPass["capture"]>;

function union(a: ForwardPass, b: ForwardPass): ForwardPass {
  const wanted = new Map<string, CaptureList[number]>();
  for (const capture of [...(a.capture ?? []), ...(b.capture ?? [])]) {
    const known = wanted.get(capture.hook);
    if (known && known.positions !== capture.positions) {
      throw new Error(
        `${capture.hook}: captured at the last and at all positions by two analyses; agree on one`,
      );
    }
    wanted.set(capture.hook, capture);
  }
  const logits = a.logits === "all" || b.logits === "all" ? "all" : (a.logits ?? b.logits);
  return { tokens: a.tokens, capture: [...wanted.values()], ...(logits && { logits }) };
}
