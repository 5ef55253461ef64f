import type { ModelFacts } from "../../architectures/architecture.ts";
import { ovFigures } from "../../figures/ov-figures.ts";
import { hookName } from "../../hooks/hook-points.ts";
import type { OvCircuitReport, OvHead } from "../../results/ov-circuit.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import type { Instruments, TokenValue } from "../instruments.ts";
import { FactSums } from "./fact-sums.ts";
import { ovOutputs, ovPasses } from "./ov-outputs.ts";

const KS = [1, 5];
const LARGEST_K = 5;
/** A shorter output is rounding: the circuit says nothing of the token. */
const MIN_NORM = 1e-9;
/** Logits closer than this share of the largest are a tie (float32). */
const TIE = 1e-5;
/** Floats of head outputs that one step holds. */
const STEP_FLOATS = 2 ** 24;

/** Subject tokens and the answers that belong to them; each distinct token or pair counts for the first fact that has it. */
interface Tokens {
  list: { token: number; fact: number; answers: { token: number; fact: number }[] }[];
  pairs: number;
}

/** Copying and transfer scores of every OV circuit; see `OvCircuitReport`. */
export const ovCircuit = defineFurther<OvCircuitReport>({
  id: "ov-circuit",
  title: "Copying by OV circuits",
  mechanism: "argument passing",
  summary:
    "Which heads turn a subject's token into itself, into its opposite, or into its answer, whatever they attend to.",
  standard: false,
  figures: ovFigures,

  async run(context) {
    const { model, measured, facts, report, bootstrap } = context;
    const tokens = distinctTokens(measured.map(({ index }) => facts[index]!));
    const { prepended, token: start } = report.receipt.model.bos;
    const prefix = prepended && start !== null ? [start] : [];
    const states = await statesOf(tokens, prefix, context);
    const ids = tokens.list.map(({ token }) => token);
    const perLayer = 2 * ids.length;
    const heads = model.layers * model.heads;
    const sums = new FactSums(measured.length, heads * 3 * KS.length);
    const silent = new Float64Array(heads);
    const layersPerStep = Math.max(1, Math.floor(STEP_FLOATS / (perLayer * model.heads * model.width)));
    for (let first = 0; first < model.layers; first += layersPerStep) {
      const layers = Array.from(
        { length: Math.min(layersPerStep, model.layers - first) },
        (_, i) => first + i,
      );
      const results = await context.execute(layers.flatMap((layer) => ovPasses(layer, ids, states)));
      for (const [i, layer] of layers.entries()) {
        const outputs = ovOutputs(layer, results.slice(i * perLayer, (i + 1) * perLayer));
        for (let head = 0; head < model.heads; head++) {
          const at = layer * model.heads + head;
          silent[at] = await score(outputs, head, at, tokens, sums, model, context.instruments);
        }
        context.progress(layer + 1, model.layers);
      }
    }
    const estimates = (at: number, kind: number) =>
      KS.map((_, k) => sums.mean((at * 3 + kind) * KS.length + k, bootstrap, "no token"));
    return {
      context: prefix.length ? "start token" : "none",
      ks: KS,
      chance: KS.map((k) => Math.min(1, k / model.vocabulary)),
      tokens: tokens.list.length,
      pairs: tokens.pairs,
      heads: Array.from(
        { length: heads },
        (_, at): OvHead => ({
          layer: Math.floor(at / model.heads),
          head: at % model.heads,
          label: `L${Math.floor(at / model.heads)}H${at % model.heads}`,
          copying: estimates(at, 0),
          negativeCopying: estimates(at, 1),
          transfer: estimates(at, 2),
          silentTokens: silent[at]!,
        }),
      ),
    };
  },
});

function distinctTokens(facts: readonly { subjectToken: number; answerToken: number }[]): Tokens {
  const list: Tokens["list"] = [];
  let pairs = 0;
  for (const [fact, { subjectToken, answerToken }] of facts.entries()) {
    let own = list.find(({ token }) => token === subjectToken);
    if (!own) {
      own = { token: subjectToken, fact, answers: [] };
      list.push(own);
    }
    if (own.answers.some(({ token }) => token === answerToken)) continue;
    own.answers.push({ token: answerToken, fact });
    pairs++;
  }
  return { list, pairs };
}

/** x_v: the state after layer 0 of each token, alone or behind the start token. */
async function statesOf({ list }: Tokens, prefix: readonly number[], { execute }: FurtherContext) {
  const hook = hookName("hook_resid_post", 0);
  const results = await execute(
    list.map(({ token }) => ({
      tokens: [...prefix, token],
      capture: [{ hook, positions: "last" as const }],
    })),
  );
  return results.map(({ captures }) => captures.get(hook)!);
}

/** Adds one head's hits and misses. @returns for how many tokens it writes nothing */
async function score(
  outputs: readonly Float32Array[],
  head: number,
  at: number,
  { list }: Tokens,
  sums: FactSums,
  { width, vocabulary }: ModelFacts,
  instruments: Instruments,
): Promise<number> {
  const rows = new Float32Array(outputs.length * width);
  for (const [t, output] of outputs.entries())
    rows.set(output.subarray(head * width, (head + 1) * width), t * width);
  const count = Math.min(LARGEST_K + 1, vocabulary);
  const top = await instruments.top(instruments.normalise(rows), count);
  const bottom = await instruments.top(instruments.normalise(rows.map((value) => -value)), count);
  let silent = 0;
  for (const [t, { token, fact, answers }] of list.entries()) {
    const speaks = Math.hypot(...rows.subarray(t * width, (t + 1) * width)) >= MIN_NORM;
    if (!speaks) silent++;
    for (const [i, k] of KS.entries()) {
      const add = (kind: number, own: number, hit: boolean) =>
        sums.add(own, (at * 3 + kind) * KS.length + i, speaks && hit ? 1 : 0);
      add(0, fact, isAmong(top[t]!, token, k));
      add(1, fact, isAmong(bottom[t]!, token, k));
      for (const answer of answers) add(2, answer.fact, isAmong(top[t]!, answer.token, k));
    }
  }
  return silent;
}

/** Whether a token is among the k largest for certain: one that ties with the next is not. `largest` has k + 1 or all tokens. */
function isAmong(largest: readonly TokenValue[], token: number, k: number): boolean {
  const place = largest.findIndex((one) => one.token === token);
  if (place < 0 || place >= k) return false;
  const next = largest[k];
  if (!next) return true;
  return (
    largest[place]!.value - next.value > TIE * Math.max(Math.abs(largest[0]!.value), Math.abs(next.value))
  );
}
