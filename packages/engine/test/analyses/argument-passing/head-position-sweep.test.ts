import { afterAll, describe, expect, it } from "vitest";
import { drawPairs } from "../../../src/analyses/argument-passing/activation-patching-pairs.ts";
import { placeGrid } from "../../../src/analyses/argument-passing/head-position-places.ts";
import { screenPairs } from "../../../src/analyses/argument-passing/head-position-screen.ts";
import { headPositionSweep } from "../../../src/analyses/argument-passing/head-position-sweep.ts";
import type { FurtherContext } from "../../../src/analyses/further.ts";
import { logitDifference } from "../../../src/gradients/metric.ts";
import { hookName } from "../../../src/hooks/hook-points.ts";
import { execute } from "../../../src/planner/execute.ts";
import type { ForwardPass } from "../../../src/planner/forward-pass.ts";
import type { ExactPlace, HeadPositionSweepReport } from "../../../src/results/head-position-sweep.ts";
import type { RunSettings } from "../../../src/results/receipt.ts";
import { runTask } from "../../../src/runner/run-task.ts";
import { openSynthetic, syntheticSettings } from "../../synthetic/model-m-folder.ts";
import { buildRelay, RELAY } from "../../synthetic/relay-model.ts";
import { backwards, notFinite } from "../causal/known-model.ts";
import { contextOn } from "./on-folder.ts";
import { contextOnOracle } from "./on-oracle.ts";

const sweep = (context: FurtherContext, changes: Partial<RunSettings> = {}) =>
  headPositionSweep.run({ ...context, settings: { ...context.settings, ...changes } });
const exactPlaces = ({ places }: HeadPositionSweepReport) =>
  places.filter((place): place is ExactPlace => place.exact);
const close = (actual: number | null, expected: number, what: string) =>
  expect(Math.abs(actual! - expected), `${what}: ${actual} (expected ${expected})`).toBeLessThan(1e-4);

describe("a model that hands the subject on from position to position", async () => {
  const context = await contextOn(await buildRelay());
  const report = await sweep(context);

  it("has its movers where it was built, and nowhere else", () => {
    expect([...report.movers].sort()).toEqual([...RELAY]);
    expect(report).toMatchObject({ mode: "EXACT", pairs: 10, screen: null, warnings: [] });
    expect(report.positions.map(({ position }) => position)).toEqual(["subjFirst", "subjLast", "+1", "last"]);
    expect(report.places).toHaveLength(4 * 3 * 3);
    for (const { label, noising, denoising, effect } of exactPlaces(report))
      for (const { value, n } of [noising, denoising, effect]) {
        close(value, RELAY.some((own) => own === label) ? 1 : 0, label);
        expect(n).toBe(10);
      }
    expect(exactPlaces(report)).toHaveLength(report.places.length);
  });

  it("is the same by a screen, whose gradients are exact on a linear relay", async () => {
    const screened = await sweep(context, { sweepMode: "SCREENED" });
    expect(screened.movers).toEqual(report.movers);
    expect(screened.warnings).toEqual([]);
    for (const { label, estimate } of exactPlaces(screened))
      close(estimate!.value, RELAY.some((own) => own === label) ? 1 : 0, label);
    // 27 of the 36 places can have an effect: the last layer is read at the last position only.
    expect(screened.screen).toMatchObject({ candidates: 27, patched: 27, top: 4, byInterval: 3 });
    expect(screened.screen!.audit).toEqual({
      passedOver: 23,
      audited: 23,
      missed: [],
      missedMovers: [],
      missedShare: 0,
      missedShareAtMost: expect.closeTo(1 - 0.05 ** (1 / 23), 12),
      missedElsewhere: 0,
      missedElsewhereAtMost: 0,
    });
  });

  it("does not depend on the order of facts and prompts", async () => {
    for (const sweepMode of ["EXACT", "SCREENED"] as const) {
      const own = await sweep(context, { sweepMode });
      expect(await sweep(backwards(context), { sweepMode })).toEqual(own);
      expect(notFinite({ ...own, arrays: [] })).toEqual([]);
    }
  });
});

describe("frames in which positions differ", async () => {
  const context = await contextOn(await buildRelay({ frames: ["shifted", "apart"] }), { sweepPrompts: 2 });
  const report = await sweep(context);
  const place = (label: string) => exactPlaces(report).find((own) => own.label === label)!;

  it("share a place by what it is, and count the prompts that have it", () => {
    expect(report.positions).toEqual([
      { position: "subjFirst", prompts: 20, facts: 10 },
      { position: "subjLast", prompts: 20, facts: 10 },
      { position: "+1", prompts: 20, facts: 10 },
      { position: "+2", prompts: 10, facts: 10 },
      { position: "last", prompts: 20, facts: 10 },
    ]);
    close(place("L0H1 at subjLast").effect.value, 1, "subjLast");
    close(place("L2H2 at last").effect.value, 1, "last");
  });

  it("divide by the prompts that have the place: half of +1, all of +2", () => {
    expect(place("L1H0 at +1").effect.value).toBeCloseTo(0.5, 1);
    close(place("L1H0 at +2").effect.value, 1, "+2");
    const noising = report.arrays!.find(({ name }) => name === "head-position-sweep.noising")!;
    expect(noising.axes.map(({ labels }) => labels.length)).toEqual([20, 5, 3, 3]);
    // `+2` of the first frame's prompts.
    expect(Array.from(noising.values.slice(3 * 9, 4 * 9))).toEqual(Array(9).fill(Number.NaN));
    expect([...noising.values.slice(5 * 9, 10 * 9)].every(Number.isFinite)).toBe(true);
  });
});

describe("a relay whose gate is flat in both runs", async () => {
  const synthetic = await buildRelay({ saturated: true, busy: true });
  const context = await contextOn(synthetic);
  const hidden = ["L0H1 at subjLast", "L1H0 at +1"];

  it("has the same movers, of which the gradient sees the last only", async () => {
    const exact = await sweep(context);
    expect([...exact.movers].sort()).toEqual([...RELAY]);
    const screened = await sweep(context, { sweepMode: "SCREENED" });
    expect([...screened.movers].sort()).toEqual([...RELAY]);
    const estimates = new Map(exactPlaces(screened).map((place) => [place.label, place.estimate!.value!]));
    expect(estimates.get("L2H2 at last")).toBeGreaterThan(0.9);
    for (const label of hidden) close(estimates.get(label)!, 0, label);
  });

  it("is caught by the audit, counted, and told to whoever reads the run", async () => {
    const model = await openSynthetic(synthetic.folder);
    afterAll(() => model.session.close());
    const settings = syntheticSettings({ analyses: ["head-position-sweep"], sweepMode: "SCREENED" });
    const { further, warnings } = await runTask(model, synthetic.tasks[0]!, settings);
    const report = further!["head-position-sweep"]!;
    expect(report.screen!.audit).toMatchObject({ passedOver: 23, audited: 23, missed: hidden });
    expect(report.screen!.audit.missedMovers).toEqual(hidden);
    expect(report.screen!.audit.missedShare).toBeCloseTo(2 / 23, 12);
    for (const label of hidden)
      expect(exactPlaces(report).find((own) => own.label === label)).toMatchObject({
        mover: true,
        chosenBy: ["AUDIT"],
      });
    expect(warnings.filter((text) => text.includes("head-position-sweep"))).toEqual([
      expect.stringMatching(/2 of 23 audited places.*L0H1 at subjLast, L1H0 at \+1.*2 of them movers/),
    ]);
    expect("warnings" in report).toBe(false);
  });
});

describe("a screened sweep that leaves most places to their estimates", async () => {
  // With fewer facts no lone effect can have a small p-value beside 96 places.
  const FACTS = 14;
  const synthetic = await buildRelay({ saturated: true, busy: true, heads: 8, facts: FACTS });
  const context = await contextOn(synthetic);
  const exact = await sweep(context);
  const screened = await sweep(context, { sweepMode: "SCREENED" });

  it("patches top, intervals and a sample, and says of every place whether it did", () => {
    const { screen, places } = screened;
    expect(screen).toMatchObject({ candidates: 72, top: 9, byInterval: 1, patched: 9 + 32 });
    // Besides those patched, the last layer's places that nothing reads are exact.
    expect(exactPlaces(screened)).toHaveLength(9 + 32 + 24);
    for (const place of places) {
      if (place.exact) continue;
      expect(Object.keys(place).sort()).toEqual(["estimate", "exact", "head", "label", "layer", "position"]);
      expect(place.estimate.n).toBe(FACTS);
    }
  });

  it("draws exact effects only, and gives an estimate as a reason in words", () => {
    const figures = headPositionSweep.figures(screened, { layers: 3, headsPerLayer: 8 });
    const [bars, ...rest] = figures;
    expect(bars!.kind === "BARS" && bars!.bars.map(({ label }) => label)).toEqual(
      expect.arrayContaining([...screened.movers]),
    );
    const maps = rest.filter((figure) => figure.kind === "HEADS");
    expect(maps.map(({ id }) => id)).toEqual(["at-subjFirst", "at-subjLast", "at-after-1", "at-last"]);
    for (const [i, cell] of maps.flatMap(({ cells }) => cells).entries()) {
      const place = screened.places[i]!;
      if (place.exact) expect(cell).toBe(place.effect);
      else expect(cell).toMatchObject({ value: null, reason: expect.stringMatching(/only estimated/) });
    }
    expect(maps.flatMap(({ marked }) => marked)).toHaveLength(screened.movers.length);
    expect(maps[3]!.marked).toContain("L2H2");
    const notes = figures.at(-1)!;
    const found = notes.kind === "NOTES" ? notes.notes.map(({ label }) => label) : [];
    expect(found).toEqual(expect.arrayContaining(["before the subject", "audit", "missed elsewhere"]));
  });

  it("gives exactly the exact sweep's effects, bit for bit, and no other", () => {
    for (const [i, place] of screened.places.entries()) {
      if (!place.exact) continue;
      const { noising, denoising, effect, pValue } = exact.places[i] as ExactPlace;
      expect(place).toMatchObject({ noising, denoising, effect, pValue });
    }
    for (const direction of ["noising", "denoising"]) {
      const [all, some] = [exact, screened].map(
        ({ arrays }) => arrays!.find(({ name }) => name === `head-position-sweep.${direction}`)!.values,
      );
      const made = [...some!.keys()].filter((i) => !Number.isNaN(some![i]));
      expect(made).toHaveLength(FACTS * (9 + 32 + 24));
      for (const i of made) expect(some![i]).toBe(all![i]);
    }
  });

  it("takes all places for tests, patched or not, and small effects for none", () => {
    for (const report of [exact, screened]) {
      const findings = exactPlaces(report).filter(({ effect }) => effect.value! >= report.minEffect);
      expect(findings.length).toBe(report === exact ? 3 : report.movers.length);
      for (const { pValue, qValue, label } of exactPlaces(report))
        expect(qValue, label).toBeCloseTo(
          findings.some((own) => own.label === label) ? (pValue! * 96) / findings.length : 1,
          12,
        );
      // The busy heads' effects are certain, and too small to stand beside the findings.
      const busy = exactPlaces(report).find(({ label }) => label === "L2H0 at last")!;
      expect(busy.pValue).toBeLessThan(0.01);
    }
  });

  it("never calls a place a mover that it did not patch, and extrapolates from what the audit found", async () => {
    const hidden = ["L0H1 at subjLast", "L1H0 at +1"];
    const caught = new Set<number>();
    for (let seed = 1; seed <= 6; seed++) {
      const { movers, screen, warnings } = await sweep(context, { sweepMode: "SCREENED", seed });
      const { audit } = screen!;
      const own = hidden.filter((label) => audit.missed.includes(label));
      expect(audit.missed).toEqual(own);
      expect(movers.filter((label) => hidden.includes(label)).sort()).toEqual(own);
      expect(audit).toMatchObject({ passedOver: 63, audited: 32 });
      expect(audit.missedElsewhere).toBeCloseTo((own.length / 32) * 31, 10);
      expect(audit.missedElsewhereAtMost).toBeGreaterThan(2 - own.length);
      expect(warnings).toHaveLength(own.length ? 1 : 0);
      caught.add(own.length);
    }
    expect(caught.size).toBeGreaterThan(1);
  });
});

describe.each(["gpt2", "llama-gqa-tied"])("places of %s", async (family) => {
  const { context, session } = await contextOnOracle(family);
  const { layers, heads } = session.spec.facts;
  const report = await sweep(context, { sweepPrompts: 2 });

  it("are what each patch gives alone, also where no patch was made", async () => {
    expect(report.positions.map(({ position }) => position)).toEqual([
      "subjFirst",
      "subjLast",
      "+1",
      "+2",
      "last",
    ]);
    for (const prompt of [context.measured[0]!.prompts[0]!, context.measured[3]!.prompts[1]!]) {
      const query = { tokens: [prompt.answerToken, prompt.corrupted!.wrongToken] };
      const sides = [prompt.tokens, prompt.corrupted!.tokens] as const;
      for (const [direction, to] of [
        ["noising", 0],
        ["denoising", 1],
      ] as const) {
        const passes: ForwardPass[] = [];
        for (const position of [3, 4, 5, 6, 7])
          for (let layer = 0; layer < layers; layer++)
            for (let head = 0; head < heads; head++)
              passes.push({
                tokens: sides[to],
                query,
                edits: [
                  { hook: hookName("attn.hook_z", layer), head, position, scale: 0, value: { pass: 0 } },
                ],
              });
        const { axes, values } = report.arrays!.find(
          ({ name }) => name === `head-position-sweep.${direction}`,
        )!;
        const row = axes[0]!.labels.indexOf(String(prompt.index));
        for (const [i, pass] of passes.entries()) {
          const [, alone] = await execute(session, [{ tokens: sides[1 - to]! }, pass]);
          const expected = alone!.queried![0]! - alone!.queried![1]!;
          expect(values[row * passes.length + i], `${direction} ${i}`).toBeCloseTo(expected, 5);
        }
      }
    }
  });

  it("are estimated by the clean run's gradient for noising and by the corrupted run's for denoising", async () => {
    const { pairs } = drawPairs("SUBJECT", {
      ...context,
      settings: { ...context.settings, sweepPrompts: 2 },
    });
    const grid = placeGrid(pairs, context.model);
    const estimated = (await screenPairs(pairs, grid, context)).flat();
    const hooks = Array.from({ length: layers }, (_, layer) => hookName("attn.hook_z", layer));
    const asked = pairs.flat().map(({ prompt, counterfactual }) => ({
      clean: prompt.tokens,
      corrupted: counterfactual.tokens,
      metric: logitDifference(prompt.answerToken, counterfactual.wrongToken),
    }));
    const gained = await context.attributions(asked, hooks);
    const swapped = asked.map(({ clean, corrupted, metric }) => ({
      clean: corrupted,
      corrupted: clean,
      metric,
    }));
    const lost = await context.attributions(swapped, hooks);
    for (const [i, own] of estimated.entries()) {
      expect(own.clean).toBeCloseTo(gained[i]!.clean, 5);
      expect(own.corrupted).toBeCloseTo(gained[i]!.corrupted, 5);
      for (const [p, { layer, head }] of grid.places.entries()) {
        const cell = (3 + Math.floor(p / (layers * heads))) * heads + head;
        const [up, down] = [gained, lost].map((all) => all[i]!.scores.get(hooks[layer]!)![cell]!);
        expect(own.denoising[p]! - own.corrupted).toBeCloseTo(up!, 5);
        expect(own.noising[p]! - own.clean).toBeCloseTo(down!, 5);
      }
    }
  });
});
