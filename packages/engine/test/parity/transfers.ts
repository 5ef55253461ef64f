import { openCheckpoint } from "../../src/checkpoints/open-checkpoint.ts";
import { hookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import type { ForwardPass } from "../../src/planner/forward-pass.ts";
import { planWork } from "../../src/planner/plan-work.ts";
import { flopsOf } from "../../src/planner/work.ts";
import type { Device } from "../../src/session/device.ts";
import { ModelSession } from "../../src/session/model-session.ts";
import { OnnxSession } from "../../src/session/onnx-session.ts";

// What goes into graphs and comes out of them, beside the arithmetic: npx tsx packages/engine/test/parity/transfers.ts models/recall-gpt2 webgpu

const [folder = "models/recall-gpt2", device = "cpu"] = process.argv.slice(2);
const checkpoint = await openCheckpoint(folder, folder);
const session = ModelSession.open(checkpoint, { threads: 1, device: device as Device });
const { facts, block } = session.spec;
const count = { bytes: 0, calls: 0, seconds: 0 };
const { run } = OnnxSession.prototype;
OnnxSession.prototype.run = async function (inputs, outputs) {
  for (const { data } of [...Object.values(inputs), ...Object.values(outputs)])
    count.bytes += data.byteLength;
  const started = performance.now();
  await run.call(this, inputs, outputs);
  count.seconds += (performance.now() - started) / 1000;
  count.calls++;
};

const PROMPTS = 8;
const promptOf = (seed: number): number[] =>
  Array.from({ length: 12 }, (_, i) => (seed * 31 + i * 7 + 5) % facts.vocabulary);
const each = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));
const clean = each(PROMPTS, (i): ForwardPass => ({ tokens: promptOf(i), logits: "last" }));
const patched = each(PROMPTS * facts.layers * facts.heads, (i): ForwardPass => {
  const [pair, place] = [i % PROMPTS, Math.floor(i / PROMPTS)];
  const hook = hookName("attn.hook_z", Math.floor(place / facts.heads));
  const value = { pass: PROMPTS + pair };
  const edits = [{ hook, head: place % facts.heads, position: -1, scale: 0, value }];
  return { tokens: promptOf(pair), edits, query: { tokens: [0, 1] } };
});
const corrupted = each(PROMPTS, (i): ForwardPass => ({ tokens: promptOf(i + 50) }));
const plans = { "clean passes": clean, "every head patched": [...clean, ...corrupted, ...patched] };
for (const [name, plan] of Object.entries(plans)) {
  await execute(session, plan);
  Object.assign(count, { bytes: 0, calls: 0, seconds: 0 });
  const started = performance.now();
  await execute(session, plan);
  const seconds = (performance.now() - started) / 1000;
  const { work } = planWork(plan, facts, session.memory.activations);
  const flops = flopsOf(work, facts, block(0).mlp.kind === "gated" ? 3 : 2);
  console.log(
    `${name}: ${plan.length} passes, ${work.mlp} rows, ${count.calls} calls, ${(count.bytes / 1e6).toFixed(1)} MB, ${(count.bytes / work.mlp / facts.width).toFixed(0)} bytes per row and width, ${(flops / count.bytes).toFixed(0)} FLOP per byte, ${((100 * count.seconds) / seconds).toFixed(0)} % of the time in calls`,
  );
}
await session.close();
