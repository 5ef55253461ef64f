/**
 * Measures the screened sweep of heads and positions against the exact one, on one model in one process, and checks that they agree: the same
 * movers, and the same effect wherever the screened sweep gives one. Exits 1 when they do not, or when it is less than 5 times as fast.
 *
 * usage: npx tsx packages/engine/test/parity/screened-sweep.ts MODEL_FOLDER [TASK.json] [LEAD_INS] [PROMPTS_PER_FACT] [ROUNDS]
 */
import { headPositionSweep } from "../../src/analyses/argument-passing/head-position-sweep.ts";
import type { FurtherContext } from "../../src/analyses/further.ts";
import type { HeadPositionSweepReport } from "../../src/results/head-position-sweep.ts";
import { DEFAULT_SETTINGS, type SweepMode } from "../../src/results/receipt.ts";
import { openModel } from "../../src/runner/open-model.ts";
import { measureTask } from "../../src/runner/run-task.ts";
import { loadTask } from "../../src/tasks/load-task.ts";

const LEAST_RATIO = 5;
const TOLERANCE = 1e-4;
const [folder, taskFile = "tasks/country-capital.json", leadIns = "1", prompts = "1", rounds = "2"] =
  process.argv.slice(2);
if (!folder)
  throw new RangeError("usage: screened-sweep.ts MODEL_FOLDER [TASK.json] [LEAD_INS] [PROMPTS] [ROUNDS]");

const model = await openModel(folder, { modelsFolder: folder, cacheFolder: folder, offline: true }, 2);
const settings = {
  ...DEFAULT_SETTINGS,
  analyses: [],
  leadIns: Number(leadIns),
  sweepPrompts: Number(prompts),
};
const { context } = await measureTask(model, await loadTask(taskFile), settings);

type Timed = HeadPositionSweepReport & { seconds: number; warnings?: string[] };
async function sweep(context: FurtherContext, sweepMode: SweepMode): Promise<Timed> {
  const start = performance.now();
  const report = await headPositionSweep.run({
    ...context,
    settings: { ...context.settings, sweepMode },
    progress: () => {},
  });
  return { ...report, seconds: (performance.now() - start) / 1000 };
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
// Graphs are built once per model: neither mode shall pay for the other.
await sweep({ ...context, measured: context.measured.slice(0, 1) }, "SCREENED").catch(() => {});
const [exact, screened]: [Timed[], Timed[]] = [[], []];
for (let round = 0; round < Number(rounds); round++) {
  screened.push(await sweep(context, "SCREENED"));
  exact.push(await sweep(context, "EXACT"));
  console.log(
    `round ${round + 1}: exact ${exact[round]!.seconds.toFixed(1)} s, screened ${screened[round]!.seconds.toFixed(1)} s, ratio ${(exact[round]!.seconds / screened[round]!.seconds).toFixed(2)}`,
  );
}
await model.session.close();

const [whole, part] = [exact[0]!, screened[0]!];
let [largest, equal, compared] = [0, 0, 0];
for (const [i, place] of part.places.entries()) {
  const other = whole.places[i]!;
  if (!place.exact || !other.exact || place.effect.value === null) continue;
  const difference = Math.abs(place.effect.value - other.effect.value!);
  largest = Math.max(largest, difference);
  compared++;
  if (difference === 0) equal++;
}
const passedOver = whole.places.filter(
  (place, i) => place.exact && Math.abs(place.effect.value ?? 0) >= part.minEffect && !part.places[i]!.exact,
);
const ratio = median(exact.map(({ seconds }) => seconds)) / median(screened.map(({ seconds }) => seconds));
const same = [...whole.movers].sort().join() === [...part.movers].sort().join();
const { screen } = part;
console.log(
  [
    `${whole.pairs} pairs, ${whole.places.length} places (${whole.positions.map(({ position, facts }) => `${position} ${facts}`).join(", ")} facts)`,
    `patched exactly in the screened sweep: ${screen!.patched} (top ${screen!.top}, interval ${screen!.byInterval}, audit ${screen!.audit.audited})`,
    `exact movers    ${whole.movers.join(", ")}`,
    `screened movers ${part.movers.join(", ")}`,
    `same movers: ${same}; effects given by both: ${compared}, ${equal} of them bit for bit, largest difference ${largest.toExponential(1)}`,
    `audit: ${screen!.audit.missed.length} of ${screen!.audit.audited} missed, at most ${screen!.audit.missedElsewhereAtMost.toFixed(1)} elsewhere; in truth ${passedOver.length} places of at least ${part.minEffect} were not patched${passedOver.length ? ` (${passedOver.map((place) => `${place.label} ${place.exact ? place.effect.value!.toFixed(3) : ""}`).join(", ")})` : ""}`,
    `exact / screened, medians: ${ratio.toFixed(2)}`,
    ...(part.warnings ?? []),
  ].join("\n"),
);
if (!same || largest > TOLERANCE || ratio < LEAST_RATIO) process.exitCode = 1;
