import { EngineError } from "../../errors.ts";
import { lastAttentionBefore } from "../../hooks/block-order.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { centreRows } from "../../math/vectors.ts";
import type { PassResult } from "../../planner/forward-pass.ts";
import { NEUTRAL_CLAUSES } from "../../tasks/counterfactuals/neutral-clauses.ts";
import { LEAD_INS } from "../../tasks/lead-ins.ts";
import type { FurtherContext, StudyTask } from "../further.ts";
import { addPrompt, emptySums, type FactSums, type Reference, readColumns } from "./fact-sums.ts";

const PROMPTS_PER_STEP = 48;

/** One task at one layer: what its fits need. */
export interface TaskLayer {
  facts: FactSums[];
  frames: Map<string, FactSums>;
  /** MLP output of every prompt. */
  outputs: Float32Array[];
  /** Sentences that ask for no fact. */
  generic: FactSums;
}

export interface StudyInputs {
  /** Columns of the first prompt of the study, by layer; reads on the own answer of every fact, task by task. */
  references: Map<number, Reference>;
  /** `[task]`, by layer. */
  tasks: Map<number, TaskLayer>[];
  /** `[fact of all tasks, d_model]` */
  directions: Float32Array;
  /** `[task][layer]`: mean columns over the task's prompts, `[column, d_model]`. */
  means: Float64Array[][];
  /** Mean scale of the final norm over all prompts of all tasks. */
  scale: number;
}

/** Runs all prompts of all tasks and keeps sums: R1 columns (heads, then MLP) of the given layers. */
export async function studyInputs(
  tasks: readonly StudyTask[],
  layers: readonly number[],
): Promise<StudyInputs> {
  const { model, instruments } = tasks[0]!.context;
  const answers = tasks.flatMap(({ context }) =>
    context.measured.map(({ index }) => context.facts[index]!.answerToken),
  );
  const directions = await instruments.directions(answers);
  const references = new Map<number, Reference>();
  const out: StudyInputs = { references, tasks: [], directions, means: [], scale: 0 };
  const columnsOf = ({ captures }: PassResult, layer: number): Float32Array => {
    const attention = lastAttentionBefore(layer, model);
    // The first MLP of parallel blocks reads no attention: its heads write nothing.
    const heads =
      attention < 0
        ? new Float32Array(model.heads * model.width)
        : captures.get(hookName("attn.hook_result", attention))!;
    const columns = new Float32Array(heads.length + model.width);
    columns.set(heads);
    columns.set(captures.get(hookName("hook_mlp_out", layer))!, heads.length);
    if (model.norm.kind === "layernorm") centreRows(columns, model.width);
    return columns;
  };
  const final = hookName("hook_resid_post", model.layers - 1);
  const every = Array.from({ length: model.layers }, (_, layer) => layer);
  const capture = every
    .flatMap((layer) => [hookName("attn.hook_result", layer), hookName("hook_mlp_out", layer)])
    .concat(final)
    .map((hook) => ({ hook, positions: "last" as const }));
  const none = () => emptySums(model.heads + 1, model.width, 0);
  let [scales, prompts] = [0, 0];
  const run = async (
    context: FurtherContext,
    list: readonly { tokens: readonly number[] }[],
    use: (place: number, layer: number, columns: Float32Array) => void,
    means: Float64Array[] | null,
  ) => {
    for (let at = 0; at < list.length; at += PROMPTS_PER_STEP) {
      const step = list.slice(at, at + PROMPTS_PER_STEP);
      const results = await context.execute(step.map(({ tokens }) => ({ tokens, capture })));
      for (const [i, result] of results.entries()) {
        if (means) {
          scales += instruments.scales(result.captures.get(final)!)[0]!;
          for (const layer of every) {
            const columns = columnsOf(result, layer);
            for (let c = 0; c < columns.length; c++) means[layer]![c]! += columns[c]! / list.length;
          }
        }
        for (const layer of layers) {
          const columns = columnsOf(result, layer);
          if (!references.has(layer)) {
            const reference = Float64Array.from(columns);
            const reads = readColumns(reference, directions, model.width);
            references.set(layer, { width: model.width, columns: reference, reads });
          }
          use(at + i, layer, columns);
        }
      }
    }
  };
  for (const { context } of tasks) {
    const byLayer = new Map(
      layers.map((layer): [number, TaskLayer] => [
        layer,
        { facts: context.measured.map(none), frames: new Map(), outputs: [], generic: none() },
      ]),
    );
    const list = context.measured.flatMap(({ prompts: own }, fact) =>
      own.map((prompt) => ({ ...prompt, place: fact })),
    );
    prompts += list.length;
    const means = every.map(() => new Float64Array((model.heads + 1) * model.width));
    out.means.push(means);
    await run(
      context,
      list,
      (n, layer, columns) => {
        const [own, reference] = [byLayer.get(layer)!, references.get(layer)!];
        const { frame, place } = list[n]!;
        if (!own.frames.has(frame)) own.frames.set(frame, none());
        addPrompt(own.facts[place]!, columns, reference);
        addPrompt(own.frames.get(frame)!, columns, reference);
        own.outputs.push(columns.slice(-model.width));
      },
      means,
    );
    const generic = genericPrompts(context);
    await run(
      context,
      generic,
      (_, layer, columns) => addPrompt(byLayer.get(layer)!.generic, columns, references.get(layer)!),
      null,
    );
    for (const [, { facts }] of byLayer)
      for (const fact of facts) fact.reads = readColumns(fact.sums, directions, model.width);
    out.tasks.push(byLayer);
  }
  out.scale = scales / prompts;
  return out;
}

/** Lead-ins of the run with clauses that ask for no fact, as far as the model can read them. */
export function genericPrompts({ settings, ...context }: FurtherContext): { tokens: number[] }[] {
  const texts = NEUTRAL_CLAUSES.flatMap(({ text }) =>
    LEAD_INS.slice(0, settings.leadIns).map((leadIn) =>
      leadIn.text ? `${leadIn.text} ${text}` : text.charAt(0).toUpperCase() + text.slice(1),
    ),
  );
  return texts.flatMap((text) => {
    const tokens = readable(text, context);
    return tokens ? [{ tokens }] : [];
  });
}

/** Tokens of a text; null where the tokenizer has none for some word or the model too few positions. */
export function readable(
  text: string,
  { tokenizer, model }: Pick<FurtherContext, "tokenizer" | "model">,
): number[] | null {
  try {
    const tokens = tokenizer.encode(text).map(({ id }) => id);
    return tokens.length > 0 && tokens.length <= model.positions ? tokens : null;
  } catch (error) {
    if (error instanceof EngineError && error.code === "BAD_TOKENIZER") return null;
    throw error;
  }
}
