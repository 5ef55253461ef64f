import { afterAll, describe, expect, it } from "vitest";
import type { FactPrompts } from "../../src/analyses/analysis.ts";
import { compareWithExact } from "../../src/analyses/argument-passing/attribution-agreement.ts";
import { attributionAudit } from "../../src/analyses/argument-passing/attribution-audit.ts";
import { chooseHeads } from "../../src/analyses/argument-passing/attribution-audit-heads.ts";
import type { FurtherContext } from "../../src/analyses/further.ts";
import { FactBootstrap } from "../../src/math/fact-bootstrap.ts";
import { seededRandom } from "../../src/math/random.ts";
import type { AttributionAuditReport, AuditedSet } from "../../src/results/attribution-audit.ts";
import { measureTask } from "../../src/runner/run-task.ts";
import {
  ans,
  arg,
  buildModelM,
  FLAG,
  openSynthetic,
  relation,
  type SyntheticModel,
  syntheticSettings,
} from "../synthetic/model-m-folder.ts";
import { permuteHeads } from "../synthetic/variants.ts";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const FACTS = 8;

async function contextOf({ folder, tasks }: SyntheticModel): Promise<FurtherContext> {
  const model = await openSynthetic(folder);
  afterAll(() => model.session.close());
  return (await measureTask(model, tasks[0]!, syntheticSettings())).context;
}
const byLabel = (report: AttributionAuditReport, key: "attribution" | "integrated" | "exact") =>
  Object.fromEntries(report.heads.map((head) => [head.label, head[key].value]));

function* numbers(value: unknown): Generator<number> {
  if (typeof value === "number") yield value;
  else if (value && typeof value === "object" && !ArrayBuffer.isView(value))
    for (const inner of Object.values(value)) yield* numbers(inner);
}

describe("on model M, whose gates the gradient sees", async () => {
  const context = await contextOf(await buildModelM({ facts: FACTS }));
  const report = await attributionAudit.run(context);
  const [patching, integrated] = report.methods;

  it("gives the heads' exact effects, to the run's own patching", () => {
    expect(report).toMatchObject({ pairs: FACTS, measured: 6, top: 3, excludedPairs: [] });
    for (const [i, { label, exact }] of report.heads.entries())
      expect(exact.value, label).toBeCloseTo(context.report.argumentPassing.heads[i]!.denoising.value!, 5);
    const attribution = byLabel(report, "attribution");
    expect(attribution.L0H0).toBeCloseTo(1, 4);
    expect(attribution.L1H0).toBeCloseTo(-0.580645, 4);
    expect(attribution.L1H1).toBeCloseTo(0.290323, 4);
    for (const idle of ["L0H1", "L0H2", "L1H2"]) expect(attribution[idle]).toBeCloseTo(0, 5);
  });

  it("finds nothing wrong with it", () => {
    expect(report.heads.filter(({ inTop }) => inTop).map(({ label }) => label)).toEqual([
      "L0H0",
      "L1H0",
      "L1H1",
    ]);
    expect(patching).toMatchObject({ rule: "left", steps: 1, signErrors: { count: 0, of: 3 } });
    expect(patching!.falseNegatives).toEqual({ count: 0, of: 3, heads: [] });
    expect(patching!.agreement[0]).toMatchObject({ set: "MEASURED", heads: 6 });
    expect(patching!.agreement[0]!.spearman.value).toBeGreaterThan(0.8);
    expect(patching!.completeness).toMatchObject({ value: null, reason: /integrated/ });
    expect(integrated).toMatchObject({ rule: "midpoint", steps: 5, signErrors: { count: 0, of: 3 } });
  });

  it("keeps what it measured of each pair, and draws itself", () => {
    const names = report.arrays!.map(({ name }) => name);
    expect(names).toEqual(["attribution", "integrated", "exact"].map((key) => `attribution-audit.${key}`));
    for (const { values, axes } of report.arrays!) {
      expect(values.length).toBe(axes.reduce((product, { labels }) => product * labels.length, 1));
      expect(values.every(Number.isFinite)).toBe(true);
    }
    const [heads, bars] = attributionAudit.figures!(report, { layers: 2, headsPerLayer: 3 });
    expect(heads).toMatchObject({ kind: "HEADS", marked: ["L0H0", "L1H0", "L1H1"] });
    expect(bars!.kind === "BARS" && bars!.bars.length).toBe(6);
  });

  const changed = (change: (fact: FactPrompts, i: number) => FactPrompts, keep = FACTS) =>
    attributionAudit.run({
      ...context,
      measured: context.measured.slice(0, keep).map(change),
      bootstrap: new FactBootstrap(keep, 50, 1),
    });

  it("leaves out pairs whose clean run prefers the donor's answer, and says which", async () => {
    const own = await changed((fact, i) =>
      i > 0
        ? fact
        : {
            ...fact,
            prompts: fact.prompts.map((prompt) => ({
              ...prompt,
              answerToken: prompt.corrupted!.wrongToken,
              corrupted: { ...prompt.corrupted!, wrongToken: prompt.answerToken },
            })),
          },
    );
    expect(own.excludedPairs).toEqual([
      { prompt: context.measured[0]!.prompts[0]!.index, reason: "the clean run prefers the donor's answer" },
    ]);
    expect(own.pairs).toBe(FACTS - 1);
    expect(byLabel(own, "attribution").L0H0).toBeCloseTo(1, 4);
  });

  it("says not observed, never NaN, without any pair", async () => {
    const own = await changed((fact) => ({
      ...fact,
      prompts: fact.prompts.map((prompt) => ({ ...prompt, corrupted: null })),
    }));
    expect(own).toMatchObject({ pairs: 0, measured: 0, methods: [], reason: "no usable pair" });
    expect(own.excludedPairs).toHaveLength(FACTS);
    for (const { attribution, integrated, exact } of own.heads)
      for (const estimate of [attribution, integrated, exact])
        expect(estimate).toMatchObject({ value: null, reason: "no usable pair" });
    for (const value of numbers({ ...own, arrays: [] })) expect(value).not.toBeNaN();
  });

  it("gives one fact no interval", async () => {
    const own = await changed((fact) => fact, 1);
    const { spearman } = own.methods[0]!.agreement[0]!;
    expect(spearman.value).not.toBeNull();
    expect(spearman).toMatchObject({ low: null, high: null, n: 1, reason: "one fact gives no interval" });
    for (const value of numbers({ ...own, arrays: [] })) expect(value).not.toBeNaN();
  });
});

/**
 * Model M whose gate opens between z = 1.2 and z = 2 and is flat outside; the mover is L0H2. Under corruption the gate of the right answer is
 * shut and that of the wrong one saturated: the mover carries everything and has no gradient at all. Between the prompts it has one. All three
 * heads of layer 1 write, so that they are the gradient's top.
 */
const saturating = () =>
  buildModelM({
    facts: FACTS,
    change: (blocks, idle) => {
      const [first, last] = permuteHeads([1, 2, 0])(blocks, idle);
      const SHUT = 10;
      const neurons = range(2).flatMap((t) =>
        range(FACTS).flatMap((f) =>
          [
            [1.2, 5],
            [2, -5],
          ].map(([threshold, gain]) => ({
            in: { [arg(f)]: 1, [relation(t)]: 1, [FLAG.end]: SHUT },
            bias: -threshold! - SHUT,
            out: { [ans(t, f)]: gain! },
          })),
        ),
      );
      const booster = { ...last!.heads[0]!, ov: last!.heads[0]!.ov.map((map) => ({ ...map, gain: 0.1 })) };
      return [
        { ...first!, neurons },
        { ...last!, heads: last!.heads.map((head) => (head.ov.length ? head : booster)) },
      ];
    },
  });

it("catches the mover that the gradient misses behind a saturated gate, and credits integrated gradients", async () => {
  const report = await attributionAudit.run(await contextOf(await saturating()));
  expect(byLabel(report, "exact").L0H2).toBeCloseTo(1, 4);
  expect(byLabel(report, "attribution").L0H2).toBeCloseTo(0, 5);
  expect(byLabel(report, "integrated").L0H2).toBeCloseTo(0.9, 3);
  const [patching, integrated] = report.methods;
  expect(patching!.falseNegatives).toEqual({ count: 1, of: 3, heads: ["L0H2"] });
  expect(integrated!.falseNegatives).toMatchObject({ count: 0, heads: [] });
  expect(integrated!.completeness.value).toBeCloseTo(0.9, 3);
  expect(integrated!.agreement[0]!.spearman.value).toBeGreaterThan(patching!.agreement[0]!.spearman.value!);
});

describe("which heads are patched", () => {
  const random = seededRandom("attribution");
  const attribution = range(144).map(() => random() - 0.5);

  it("takes the 32 largest by magnitude, 32 others, and a sample of all heads that costs nothing more", () => {
    const { top, sets } = chooseHeads(attribution, 1);
    const largest = range(144)
      .sort((a, b) => Math.abs(attribution[b]!) - Math.abs(attribution[a]!))
      .slice(0, 32);
    expect(top).toBe(32);
    expect(sets.MEASURED).toHaveLength(64);
    expect(sets.OUTSIDE_TOP).toHaveLength(32);
    expect(sets.OUTSIDE_TOP.filter((head) => largest.includes(head))).toEqual([]);
    expect(sets.MEASURED).toEqual([...largest, ...sets.OUTSIDE_TOP].sort((a, b) => a - b));
    expect(sets.RANDOM).toHaveLength(32);
    expect(sets.RANDOM.filter((head) => !sets.MEASURED.includes(head))).toEqual([]);
  });

  it("draws the random sample from all heads alike: the top is in it by its share only", () => {
    const largest = new Set(chooseHeads(attribution, 1).sets.MEASURED);
    for (const head of chooseHeads(attribution, 1).sets.OUTSIDE_TOP) largest.delete(head);
    const share = (set: AuditedSet) => {
      let hits = 0;
      for (let seed = 0; seed < 200; seed++)
        hits += chooseHeads(attribution, seed).sets[set].filter((head) => largest.has(head)).length;
      return hits / (200 * 32);
    };
    expect(share("RANDOM")).toBeGreaterThan(0.19);
    expect(share("RANDOM")).toBeLessThan(0.255); // 32 / 144 = 0.222
    expect(chooseHeads(attribution, 1).sets.RANDOM).not.toEqual(chooseHeads(attribution, 2).sets.RANDOM);
    expect(chooseHeads(attribution, 1)).toEqual(chooseHeads(attribution, 1));
  });

  it.each([1, 6, 63, 64])("patches all of %s heads", (count) => {
    const { top, sets } = chooseHeads(attribution.slice(0, count), 1);
    expect(sets.MEASURED).toEqual(range(count));
    expect(sets.RANDOM).toEqual(range(count));
    expect(top).toBe(Math.floor(count / 2));
    expect(sets.OUTSIDE_TOP).toHaveLength(count - top);
  });
});

describe("agreement", () => {
  const facts = 4;
  const sums = (values: readonly number[]) => values.map((value) => new Float64Array(facts).fill(value));
  const compare = (estimated: number[], exact: number[], heads = chooseHeads(estimated, 1)) =>
    compareWithExact(
      {
        estimated: sums(estimated),
        exact: new Map(sums(exact).entries()),
        total: new Float64Array(facts).fill(1),
      },
      heads,
      0.02,
      (head) => `H${head}`,
    );

  it("ranks by sign, not by magnitude, and counts opposite signs of heads that matter only", () => {
    const estimated = [0.9, -0.5, 0.4, -0.3, 0.01, 0.002];
    const same = compare(estimated, [0.7, -0.6, 0.3, -0.1, 0.015, -0.001]);
    expect(same.agreement[0]!.spearman.value).toBeCloseTo(1 - (6 * 2) / (6 * 35) + (6 * 2) / (6 * 35), 5);
    expect(same.signErrors).toEqual({ count: 0, of: 4, heads: [] });
    const wrong = compare(estimated, [0.7, 0.6, 0.3, -0.1, 0.015, -0.001]);
    expect(wrong.signErrors).toEqual({ count: 1, of: 4, heads: ["H1"] });
    expect(wrong.agreement[0]!.spearman.value).toBeLessThan(0.9);
    const magnitude = compare(
      estimated,
      estimated.map((x) => -x),
    );
    expect(magnitude.agreement[0]!.spearman.value).toBeCloseTo(-1, 10);
  });

  it("counts heads outside the top that matter, whatever their sign", () => {
    const { falseNegatives } = compare([0.9, -0.5, 0.4, 0.001, 0.002, 0], [0.9, 0, 0, -0.3, 0.01, 0.02]);
    expect(falseNegatives).toEqual({ count: 2, of: 3, heads: ["H3", "H5"] });
  });

  it("is not observed where all effects are equal, no head matters, or there are too few heads", () => {
    const flat = compare([0.3, 0.2, 0.1, 0], [0.01, 0.01, 0.01, 0.01]);
    expect(flat.agreement[0]!.spearman).toMatchObject({ value: null, reason: "all effects are equal" });
    expect(flat.signErrors).toMatchObject({
      count: null,
      of: 0,
      reason: "no measured head has an effect of 0.02",
    });
    expect(compare([0.3, 0.2], [0.1, 0.3]).agreement[0]!.spearman).toMatchObject({
      value: null,
      reason: "2 heads have no rank correlation",
    });
  });
});
