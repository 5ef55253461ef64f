import { CombinedError } from "urql";
import { describe, expect, it } from "vitest";
import { COMPARE_DEFAULTS, stateOf, valuesOfState } from "../src/features/compare/compare-state.ts";
import { type Curve, curveOf, endOf, extentOf } from "../src/features/compare/curves.ts";
import { refusedFor } from "../src/features/compare/guard.tsx";
import { settingsName, viewOf } from "../src/features/compare/matrix/matrix-view.ts";
import type { RunMatrix } from "../src/features/compare/matrix/queries.ts";
import type { RunInComparison, Verdict } from "../src/features/compare/queries.ts";
import {
  differsFromSaved,
  inputOf,
  savedLink,
  valuesOfSaved,
} from "../src/features/compare/saved/saved-view.ts";
import { seriesOf } from "../src/features/compare/series.ts";
import { evidenceTip, evidenceValue, ruleOf } from "../src/features/compare/verdicts.ts";
import { formatDelta, formatDeltaInterval } from "../src/format/numbers.ts";

const run = (id: string, model: string, task: string, shots = 0) => ({
  id,
  key: `${id}0123456789`,
  model: { name: model },
  task: { slug: task, title: `Title of ${task}` },
  settings: { shots },
});

describe("series", () => {
  const runs = [run("a", "x/one", "t"), run("b", "two", "t"), run("c", "two", "u"), run("d", "x/one", "u")];

  it("have the hue of their model, the dash and symbol of their question, and ink for the baseline", () => {
    const series = seriesOf(runs, "c");
    expect(series.map(({ baseline }) => baseline)).toEqual([false, false, true, false]);
    const [a, b, c, d] = series;
    expect(c?.color).toBe("var(--ink)");
    expect(a?.color).toBe(d?.color);
    expect(b?.color).not.toBe(a?.color);
    expect([a?.dash, a?.symbol]).toEqual([b?.dash, b?.symbol]);
    expect(c?.dash).toBe(d?.dash);
    expect([c?.dash, c?.symbol]).not.toEqual([a?.dash, a?.symbol]);
    // Another baseline leaves every other run its hue.
    expect(seriesOf(runs, "a")[1]?.color).toBe(b?.color);
    expect(seriesOf(runs, "none of them")[0]?.baseline).toBe(true);
  });

  it("are named by what tells them apart only", () => {
    expect(seriesOf(runs.slice(0, 2), "a").map(({ name }) => name)).toEqual(["one", "two"]);
    expect(seriesOf(runs.slice(1, 3), "b").map(({ name }) => name)).toEqual(["Title of t", "Title of u"]);
    const again = [run("a", "one", "t"), run("b", "one", "t")];
    expect(seriesOf(again, "a").map(({ name }) => name)).toEqual(["a0123456", "b0123456"]);
  });
});

describe("a saved view", () => {
  const values = {
    ...COMPARE_DEFAULTS,
    runs: "a,b,c",
    base: "b",
    axis: "MODEL",
    force: "1",
    head: "L5H0*,L4H1",
    curve: "mass",
  };
  const saved = {
    id: "SAVED",
    runs: ["a", "b", "c"].map((id) => ({ key: id, model: "m", task: "t", run: { id } })),
    baselineIndex: 1,
    state: stateOf(values),
  };

  it("keeps what is not the default, and comes back the same", () => {
    expect(stateOf(values)).toBe("axis=MODEL&force=1&head=L5H0*%2CL4H1&curve=mass");
    expect(valuesOfSaved(saved)).toEqual({ ...values, saved: "SAVED" });
    expect(inputOf(values)).toEqual({ runs: ["a", "b", "c"], baseline: "b", state: saved.state });
    const search = new URL(savedLink(saved), "http://x").searchParams;
    expect(Object.fromEntries(search)).toEqual({
      runs: "a,b,c",
      base: "b",
      axis: "MODEL",
      force: "1",
      head: "L5H0*,L4H1",
      curve: "mass",
      saved: "SAVED",
    });
  });

  it("ignores parameters of another version, and those that name runs", () => {
    expect(valuesOfState("curve=mass&colour=red&runs=evil&saved=x")).toEqual({ curve: "mass" });
  });

  it("differs by runs, baseline or state, but not by who names the first run the baseline", () => {
    const shown = valuesOfSaved(saved);
    expect(differsFromSaved(shown, saved)).toBe(false);
    for (const change of [{ runs: "a,b" }, { base: "a" }, { curve: "answer" }])
      expect(differsFromSaved({ ...shown, ...change }, saved), JSON.stringify(change)).toBe(true);
    const first = { ...saved, baselineIndex: 0 };
    expect(differsFromSaved({ ...shown, base: "a" }, first)).toBe(false);
  });

  it("leaves out runs that were deleted, and a baseline that was", () => {
    const [a, , c] = saved.runs;
    const left = {
      ...saved,
      runs: [a, { key: "b", model: "m", task: "t", run: null }, c] as typeof saved.runs,
    };
    expect(valuesOfSaved(left)).toMatchObject({ runs: "a,c", base: "" });
  });
});

describe("the matrix", () => {
  const settings = {
    shots: 0,
    seed: 1,
    knownFilter: "TOP1",
    leadIns: 2,
    bootstrapSamples: 2000,
    analyses: [] as string[],
    sweepPrompts: 1,
    sweepMode: "EXACT",
    precision: "F32",
  } as const;
  const matrix = {
    settings,
    settingsInUse: [],
    models: ["gpt", "opt"].map((name) => ({ id: name, name, error: null })),
    tasks: [
      { id: "1", slug: "verb-past", title: "Verb to past", domain: "language" },
      { id: "2", slug: "country-capital", title: "Country to capital", domain: "geography" },
      { id: "3", slug: "city-country", title: "City to country", domain: "geography" },
    ],
    runs: [
      {
        id: "r",
        key: "k",
        status: "SUCCEEDED",
        model: { id: "opt" },
        task: { id: "0", slug: "country-capital" },
        progress: null,
        error: null,
      },
    ],
  } as unknown as RunMatrix;
  const slugs = (text: string, asked = false) =>
    viewOf(matrix, { text, asked }).tasks.map(({ slug }) => slug);

  it("orders tasks by domain, and finds a run whatever version of the task it asked", () => {
    const view = viewOf(matrix, { text: "", asked: false });
    expect(slugs("")).toEqual(["city-country", "country-capital", "verb-past"]);
    const [city, capital] = view.tasks;
    const [gpt, opt] = view.models;
    expect(view.runOf(opt as never, capital as never)?.id).toBe("r");
    expect(view.runOf(gpt as never, capital as never)).toBeUndefined();
    expect(view.runOf(opt as never, city as never)).toBeUndefined();
  });

  it("keeps all columns when the text names a row, and all rows when it names a column", () => {
    expect(slugs("OPT")).toHaveLength(3);
    expect(viewOf(matrix, { text: "opt", asked: false }).models).toHaveLength(1);
    expect(slugs("geography")).toEqual(["city-country", "country-capital"]);
    expect(viewOf(matrix, { text: "capital", asked: false }).models).toHaveLength(2);
    expect(viewOf(matrix, { text: "nothing", asked: false })).toMatchObject({ models: [], tasks: [] });
    expect(slugs("", true)).toEqual(["country-capital"]);
  });

  it("names ways of asking by what differs", () => {
    const other = { ...settings, seed: 7, shots: 2 };
    expect(settingsName(settings, [settings])).toBe("zero-shot");
    expect(settingsName(other, [settings, other])).toBe("2-shot, seed 7");
  });
});

describe("curves", () => {
  const estimate = (value: number, spread = 0.1) => ({
    value,
    low: value - spread,
    high: value + spread,
    n: 9,
    reason: null,
  });
  const inComparison = {
    run: {
      argumentPassing: { layers: 4 },
      prediction: {
        lens: {
          states: [
            { label: "embedding", depth: 0 },
            { label: "after layer 3", depth: 1 },
          ],
          answer: { probability: [estimate(0.1), estimate(0.9)], centredLogit: [estimate(-1), estimate(3)] },
          subject: { probability: [], centredLogit: [] },
        },
        directLogitAttribution: { components: [{ label: "MLP3", layer: 3, centred: estimate(-2, 0.5) }] },
      },
    },
    depth: {
      layers: 4,
      centreOfMass: estimate(0.6),
      curve: [{ layer: 1, depth: 0.375, share: 0.25, cumulative: 0.25 }],
    },
  } as unknown as RunInComparison;
  const view = { curve: "answer", measure: "probability", scale: "depth", layout: "overlay" } as const;

  it("stand on relative depth and on the layers of their model", () => {
    const places = (curve: Curve) => curve.points.map(({ depth, layer }) => [depth, layer]);
    expect(places(curveOf(inComparison, view))).toEqual([
      [0, 0],
      [1, 4],
    ]);
    expect(places(curveOf(inComparison, { ...view, curve: "mlps" }))).toEqual([[0.875, 3]]);
    expect(places(curveOf(inComparison, { ...view, curve: "mass" }))).toEqual([[0.375, 1]]);
    expect(curveOf(inComparison, { ...view, curve: "subject" }).points).toEqual([]);
  });

  it("share one vertical scale with their intervals and 0", () => {
    const answer = curveOf(inComparison, view);
    const mlps = curveOf(inComparison, { ...view, curve: "mlps" });
    expect(extentOf([answer])).toEqual([0, 1]);
    expect(extentOf([answer, mlps])).toEqual([-2.5, 1]);
    expect(extentOf([])).toEqual([0, 1]);
    expect([endOf([answer, mlps], "depth"), endOf([answer, mlps], "layer")]).toEqual([1, 4]);
  });
});

describe("verdicts", () => {
  const verdict = {
    step: "FINAL_LAYER",
    quantity: "change of log p(answer) in layer 5",
    unit: "nats",
    expected: "NEGATIVE",
    pValue: 0.0004,
    verdict: "PRESENT",
    why: "interval below 0 and p < 0.05",
    absentWithin: 0.05,
    estimate: { value: -0.4, low: -0.6, high: -0.2, n: 30, reason: null },
  } as Verdict;

  it("say their rule with its numbers", () => {
    expect(ruleOf(verdict).slice(0, 2)).toEqual([
      "present\tinterval below 0 and p < 0.05",
      "absent\tinterval inside ±0.05 nats",
    ]);
    expect(ruleOf({ ...verdict, unit: "weight", absentWithin: null })[1]).toContain("never");
    const tip = evidenceTip(verdict);
    for (const part of ["−0.400", "−0.600 to −0.200", "n\t30 facts", "p < 0.001", verdict.why])
      expect(tip).toContain(part);
  });

  it("print gains of accuracy in points, and say what was not observed", () => {
    const gain = { value: 0.25, low: 0.1, high: 0.4, n: 8, reason: null };
    expect(evidenceValue({ ...verdict, unit: "accuracy", estimate: gain })).toBe("+25.0 pts");
    const none = { value: null, low: null, high: null, n: 0, reason: "no pair" };
    expect(evidenceValue({ ...verdict, estimate: none })).toBe("not observed");
  });
});

it("differences print their sign, shares in points", () => {
  expect([formatDelta(0.031, "share"), formatDelta(-0.5, "nats"), formatDelta(0, "logit")]).toEqual([
    "+3.10 pts",
    "−0.500",
    "±0",
  ]);
  expect(formatDeltaInterval({ low: -0.01, high: 0.02 }, "probability")).toBe("−1.00 to +2.00 pts");
  expect(formatDeltaInterval({ low: null, high: 1 }, "nats")).toBeNull();
});

it("a refusal is told from any other error by its code", () => {
  const differences = [{ name: "task", values: ["a", "b"], why: "other facts" }];
  const failed = (code: string) =>
    new CombinedError({ graphQLErrors: [{ message: "no", extensions: { code, differences } }] });
  expect(refusedFor(failed("NOT_COMPARABLE"))).toEqual(differences);
  expect(refusedFor(failed("NOT_FOUND"))).toBeNull();
  expect(refusedFor(undefined)).toBeNull();
});
