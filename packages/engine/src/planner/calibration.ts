import type { ModelFacts } from "../architectures/architecture.ts";
import { hookName, mlpReads } from "../hooks/hook-points.ts";
import { logitsOfResidual } from "../session/logits.ts";
import type { ModelSession } from "../session/model-session.ts";
import { BlockStep, chunkRows, rotaryRows } from "./block-step.ts";
import { execute } from "./execute.ts";
import type { ForwardPass } from "./forward-pass.ts";
import { planWork } from "./plan-work.ts";
import { RowBuffers } from "./row-buffers.ts";
import type { Work } from "./work.ts";

/** How fast this machine computes a model, from a few calls of its graphs. */
export interface Speed {
  secondsOf(work: Work): number;
  /** For reading weights that graphs hold for themselves. */
  secondsPerByte: number;
}

/** Rows of a trial: enough for the speed of a full chunk. */
const TRIAL_ROWS = 512;
const TRIALS = 3;
/** Positions before the row of a trial of attention. */
const TRIAL_PAST = 16;
const TRIAL_PASSES = 64;

const known = new WeakMap<ModelSession, Promise<Speed>>();

/** Measured when first asked for, then kept: some tenths of a second for a small model. */
export function calibrate(session: ModelSession): Promise<Speed> {
  let speed = known.get(session);
  if (!speed) {
    speed = measure(session);
    known.set(session, speed);
    // A failed measurement is tried again.
    speed.catch(() => known.delete(session));
  }
  return speed;
}

/** Of a block's largest graph on a full chunk of rows, there and back. */
export function callSeconds(session: ModelSession): Promise<number> {
  const { facts } = session.spec;
  const rows = chunkRows(facts);
  const buffers = new RowBuffers(rows, facts);
  const reads = buffers.of(mlpReads(facts));
  for (let i = 0; i < reads.length; i++) reads[i] = Math.sin(i);
  const step = new BlockStep(session, 0, buffers);
  return best(session, () => step.mlp(0, rows, false));
}

async function measure(session: ModelSession): Promise<Speed> {
  const { facts } = session.spec;
  const { width, kvHeads, headWidth, vocabulary } = facts;
  const rows = Math.min(TRIAL_ROWS, chunkRows(facts));
  const buffers = new RowBuffers(rows, facts);
  for (let i = 0; i < buffers.residPre.length; i++) buffers.residPre[i] = Math.sin(i);
  const step = new BlockStep(session, 0, buffers);
  const rotary = rotaryRows(session, new Array<number>(rows).fill(1));
  const keys = TRIAL_PAST * kvHeads * headWidth;
  const past = { k: new Float32Array(keys), v: new Float32Array(keys) };
  const shape = { prompts: 1, variants: rows, queries: 1, keys: 1, past: TRIAL_PAST };
  const attentionInput = await best(session, () => step.attentionInput(0, rows, rotary));
  const attention = await best(session, () =>
    step.suffixAttention({ queries: 0, keys: 0 }, shape, past, false).then(),
  );
  const attentionOutput = await best(session, () => step.attentionOutput(0, rows));
  const mlp = await best(session, () => step.mlp(0, rows, false));
  const call = await best(session, () => step.attentionOutput(0, 1));
  const logits = await best(session, () =>
    logitsOfResidual(session, buffers.residPre.subarray(0, width), new Float32Array(vocabulary)),
  );
  const ofGraphs = (work: Work): number =>
    (work.attentionInput * attentionInput +
      work.queries * attention +
      (work.attentionOutput + work.headResult) * attentionOutput +
      work.mlp * mlp) /
      rows +
    work.logits * logits +
    (work.queried / vocabulary) * logits +
    work.calls * call;
  // What is left of a real plan's time is our own code, which moves the rows of each pass between graphs.
  const plan = trialPlan(facts);
  const { work } = planWork(plan, facts, session.memory.activations);
  const rest = Math.max(0, (await best(session, () => execute(session, plan))) - ofGraphs(work));
  const { read, seconds } = session.weightMemory;
  return {
    secondsOf: (own) => ofGraphs(own) + (rest * own.members) / work.members,
    secondsPerByte: read > 0 ? seconds / read : 0,
  };
}

/** A sweep in small: one head after the other, scaled at the last position of one prompt. */
function trialPlan({ layers, heads, positions, vocabulary }: ModelFacts): ForwardPass[] {
  const tokens = Array.from({ length: Math.min(TRIAL_PAST + 1, positions) }, (_, i) => i % vocabulary);
  return Array.from({ length: TRIAL_PASSES }, (_, i) => ({
    tokens,
    edits: [
      { hook: hookName("attn.hook_z", i % Math.min(layers, 4)), head: i % heads, position: -1, scale: 0.5 },
    ],
    query: { tokens: [0] },
  }));
}

/** Seconds of the fastest of a few trials, after one that compiles the graph; without those spent on compiling again. */
async function best(session: ModelSession, run: () => Promise<unknown>): Promise<number> {
  await run();
  let seconds = Number.POSITIVE_INFINITY;
  for (let i = 0; i < TRIALS; i++) {
    const [started, compiled] = [performance.now(), session.weightMemory.seconds];
    await run();
    const taken = (performance.now() - started) / 1000 - (session.weightMemory.seconds - compiled);
    seconds = Math.min(seconds, taken);
  }
  return seconds;
}
