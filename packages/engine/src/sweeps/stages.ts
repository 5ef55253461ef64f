import type { ForwardPass, PassResult } from "../planner/forward-pass.ts";

/**
 * Passes in stages: each stage is a list whose results are handed back before the next one is made, so that what one gave can be the value of
 * another's edits. Passes name each other by their place in the same stage.
 */
export type Stages<Result> = Generator<readonly ForwardPass[], Result, readonly PassResult[]>;

export type Execute = (passes: readonly ForwardPass[]) => Promise<readonly PassResult[]>;

/**
 * Runs several stage by stage, side by side: the first stages of all are one plan, then the second ones. What they share is computed once,
 * and rows of all of them fill the same calls.
 * @returns their results, in order
 */
export async function runStages<Result>(all: readonly Stages<Result>[], execute: Execute): Promise<Result[]> {
  const steps = all.map((stages) => stages.next());
  for (;;) {
    const open = steps.flatMap((step, i) => (step.done ? [] : [{ i, passes: step.value }]));
    if (open.length === 0) return steps.map(({ value }) => value as Result);
    const results = await execute(joined(open.map(({ passes }) => passes)));
    let from = 0;
    for (const { i, passes } of open) {
      steps[i] = all[i]!.next(results.slice(from, from + passes.length));
      from += passes.length;
    }
  }
}

/** Lists as one; passes that take values from another of their list follow it to its new place. */
function joined(lists: readonly (readonly ForwardPass[])[]): readonly ForwardPass[] {
  if (lists.length === 1) return lists[0]!;
  const out: ForwardPass[] = [];
  for (const list of lists) {
    const offset = out.length;
    for (const pass of list) out.push(offset > 0 ? moved(pass, offset) : pass);
  }
  return out;
}

const moved = (pass: ForwardPass, offset: number): ForwardPass =>
  pass.edits
    ? {
        ...pass,
        edits: pass.edits.map((edit) =>
          edit.value && "pass" in edit.value
            ? { ...edit, value: { ...edit.value, pass: edit.value.pass + offset } }
            : edit,
        ),
      }
    : pass;
