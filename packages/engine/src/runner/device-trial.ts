import type { Instruments } from "../analyses/instruments.ts";
import { gradients } from "../gradients/gradients.ts";
import { logitDifference } from "../gradients/metric.ts";
import { absence, type HookName, type HookPoint, hookName } from "../hooks/hook-points.ts";
import { seededRandom } from "../math/random.ts";
import { execute } from "../planner/execute.ts";
import { DEFAULT_PRECISION, type Precision } from "../session/device.ts";
import type { ModelSession } from "../session/model-session.ts";
import { relativeError } from "./relative-error.ts";

const LENGTH = 8;
const RANKED = 5;

/** Numbers of a few passes, by what they are. */
export type Trial = ReadonlyMap<string, Float32Array>;

const STATES: readonly HookPoint[] = [
  "attn.hook_pattern",
  "attn.hook_z",
  "hook_attn_out",
  "hook_mlp_out",
  "hook_resid_post",
];

/**
 * What a device computes of a short prompt of random tokens: every kind of graph that a run uses. A pass, one changed at its last position and one changed before
 * it, the gradient at every layer, and readings of the final state.
 */
export async function deviceTrial(session: ModelSession, instruments: Instruments): Promise<Trial> {
  const { facts } = session.spec;
  const { layers, vocabulary, width } = facts;
  const random = seededRandom("device trial");
  const tokens = Array.from({ length: Math.min(LENGTH, facts.positions) }, () =>
    Math.floor(random() * vocabulary),
  );
  const states = Array.from({ length: layers }, (_, layer) =>
    STATES.filter((point) => absence(point, facts) === null).map(
      (point) => hookName(point as Parameters<typeof hookName>[0], layer) as HookName,
    ),
  ).flat();
  const capture = states.map((hook) => ({ hook, positions: "all" as const }));
  const halved = (position: number) =>
    [{ hook: hookName("attn.hook_z", 0), head: 0, position, scale: 0.5 }] as const;
  const passes = await execute(session, [
    { tokens, capture, logits: "last" },
    { tokens, edits: halved(-1), logits: "last" },
    { tokens, edits: halved(Math.floor(tokens.length / 2)), logits: "last" },
  ]);
  const found = new Map<string, Float32Array>();
  for (const [i, { logits, captures }] of passes.entries()) {
    found.set(`logits of pass ${i}`, logits!);
    for (const [hook, data] of captures) found.set(hook, data);
  }

  const places = Array.from({ length: layers }, (_, layer) => hookName("hook_resid_pre", layer));
  const metric = logitDifference(tokens[0]!, (tokens[0]! + 1) % vocabulary);
  const [back] = await gradients(session, [{ tokens, metric }], places);
  for (const [hook, data] of back!.gradients) found.set(`gradient at ${hook}`, data);

  const final = found.get(hookName("hook_resid_post", layers - 1))!.slice(-width);
  const rows = instruments.normalise(final);
  const { logit, logSumExp, mean, entropy } = await instruments.read(rows, [tokens], 1);
  const top = await instruments.top(rows, Math.min(RANKED, vocabulary));
  found.set("logits read", logit);
  found.set("statistics of logits", Float32Array.of(logSumExp[0]!, mean[0]!, entropy[0]!));
  found.set(
    "largest logits",
    Float32Array.from(top[0]!, ({ value }) => value),
  );
  return found;
}

/** A device may be this far from the CPU, relative to the largest value of a kind. */
const TOLERANCE = 1e-3;
/**
 * The same for products in float16, up to 0.009 and 0.041 on the models of the tests. A gradient is wider by what rounding does where its ReLUs have their kink.
 */
const HALF = { values: 0.03, gradients: 0.1 };

const isGradient = (at: string): boolean => at.startsWith("gradient");

/** How far a kind of number of a trial may be from the CPU's, relative to its largest value. */
export const trialLimit = (at: string, precision: Precision): number =>
  precision === "F32" ? TOLERANCE : isGradient(at) ? HALF.gradients : HALF.values;

/** The error of a trial that is largest beside what is allowed, relative to the largest value of its own kind, and where it is. */
export function trialError(
  actual: Trial,
  expected: Trial,
  precision: Precision = DEFAULT_PRECISION,
): { error: number; at: string; allowed: number } {
  let largest = { error: 0, at: "", allowed: trialLimit("", precision) };
  for (const [at, values] of expected) {
    const error = relativeError(actual.get(at)!, values);
    const allowed = trialLimit(at, precision);
    if (!(error / allowed <= largest.error / largest.allowed)) largest = { error, at, allowed };
  }
  return largest;
}
