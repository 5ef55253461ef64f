import {
  compareRuns,
  DEFAULT_SETTINGS,
  headOverlap,
  mechanismRow,
  type RunReport,
  type Task,
} from "@recallscope/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Prisma } from "../src/generated/prisma/client.ts";
import { saveRun } from "../src/runs/save-run.ts";
import { comparableReport, type Shape } from "./support/comparable-report.ts";
import { type Loose, type TestPlatform, testPlatform } from "./support/platform.ts";

let platform: TestPlatform;
/** Ids: two of the runs have one key. */
const stored: Record<string, string> = {};
const reports: Record<string, RunReport> = {};
const SETTINGS = { ...DEFAULT_SETTINGS, analyses: [], bootstrapSamples: 400 };

beforeAll(async () => {
  platform = await testPlatform();
  const { prisma } = platform.services;
  const taskOf = async (slug: string) =>
    (await prisma.task.findFirstOrThrow({ where: { slug, current: true } })).content as unknown as Task;
  const [capitals, languages] = [await taskOf("country-capital"), await taskOf("country-language")];
  const save = async (
    name: string,
    seed: number,
    task: Task,
    shape: Shape = {},
    change: (report: RunReport) => void = () => {},
    settings = SETTINGS,
  ) => {
    const report = comparableReport(shape.weightHash ? "other" : "demo", task, settings, seed, shape);
    change(report);
    const places = { modelsFolder: platform.models, base: platform.models };
    stored[name] = (await saveRun(prisma, { task, related: [], report }, places)).id;
    reports[name] = report;
  };
  await save("base", 1, capitals, { unknown: [9] });
  await save("shots", 2, capitals, { unknown: [0] }, undefined, { ...SETTINGS, shots: 2 });
  await save("more", 3, capitals, {}, undefined, { ...SETTINGS, shots: 4 });
  await save("other", 4, capitals, { weightHash: "c".repeat(64), layers: 3 });
  await save("languages", 5, languages);
  await save("older", 6, capitals, {}, ({ receipt }) => {
    receipt.semanticsVersion -= 1;
  });
  await save("metric", 7, capitals, {}, ({ argumentPassing, receipt }) => {
    argumentPassing.metric = "candidate_logit_diff" as never;
    receipt.settings = { ...receipt.settings, seed: 9 };
  });
});
afterAll(() => platform.stop());

const ids = (...names: string[]) => names.map((name) => stored[name]!);
const estimate = "{ value low high n reason }";
const ALL = `query ($ids: [ID!]!, $axis: ComparisonAxis, $baseline: ID, $force: Boolean) {
  compareRuns(ids: $ids, axis: $axis, baseline: $baseline, force: $force) {
    axis forced differences { name values why prevents }
    baseline { place }
    keyNumbers { name metric cells { value text delta apart estimate ${estimate} } }
    overlaps { a b overlap { k headsA headsB common jaccard chance pValue spearman reason } }
    runs { place isBaseline run { key model { name } summary { top1 { value } } }
      mechanism { sufficient verdicts { step quantity unit absentWithin estimate ${estimate} pValue verdict why } missing { name reason } }
      depth { layers curve { layer depth share cumulative } centreOfMass ${estimate} }
      concentration { effectiveHeads headsTo50 top1Share }
      toBaseline { sameModel sameTask sharedFacts onlyBaseline { subject } onlyRun { subject } sharedPrompts promptsOnlyBaseline promptsOnlyRun
        metrics { metric unit baseline ${estimate} run ${estimate} sharedBaseline ${estimate} sharedRun ${estimate} delta ${estimate} pValue correlation }
        depthDistance centreOfMassDelta ${estimate} headsReason heads { label baseline ${estimate} run ${estimate} delta ${estimate} }
        overlap { jaccard } matching(permutations: 9) { pairs { baseline run distance } cost pValue permutations } } } } }`;
const compare = (axis: string | null, names: string[], more: Record<string, unknown> = {}) =>
  platform.graphql<Loose>(ALL, { ids: ids(...names), axis, ...more });
const ROWS = `query ($ids: [ID!]!, $axis: ComparisonAxis!, $force: Boolean) { compareRuns(ids: $ids, axis: $axis, force: $force) {
  runs { mechanism { sufficient verdicts { step quantity verdict why estimate ${estimate} } missing { name reason } }
    depth { layers curve { layer share } centreOfMass ${estimate} } } } }`;
/** Null and absent are the same in GraphQL. */
const plain = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_, own) => (own === undefined ? null : own)));
const withReason = (value: Loose): Loose => plain(value) && { reason: null, ...plain(value) };

describe("without an axis", () => {
  it.each([
    ["TASK", ["base", "languages"]],
    ["MODEL", ["base", "other"]],
    ["SHOTS", ["base", "shots", "more"]],
  ])("runs are compared along what they differ in: %s", async (axis, names) => {
    const { data, errors } = await compare(null, names);
    expect(errors).toBeUndefined();
    expect(data.compareRuns.axis).toBe(axis);
  });
});

describe("runs of one model", () => {
  it("have the numbers of the engine's comparison, against the baseline", async () => {
    const { data, errors } = await compare("SHOTS", ["shots", "base", "more"], { baseline: stored.base });
    expect(errors).toBeUndefined();
    const { runs, baseline, differences, forced } = data.compareRuns;
    expect([baseline.place, forced, runs.map((run: Loose) => run.isBaseline)]).toEqual([
      1,
      false,
      [false, true, false],
    ]);
    expect(runs[1].toBaseline).toBeNull();
    expect(differences.map((each: Loose) => [each.name, each.values, each.prevents])).toEqual([
      ["known facts", ["9", "9", "10"], false],
    ]);
    for (const [place, name] of [
      [0, "shots"],
      [2, "more"],
    ] as const) {
      const expected = compareRuns(reports.base!, reports[name]!);
      const own = runs[place].toBaseline;
      expect(own).toMatchObject(
        plain({
          sameModel: true,
          sameTask: true,
          sharedFacts: expected.sharedFacts,
          onlyBaseline: expected.onlyA.map(({ subject }) => ({ subject })),
          onlyRun: expected.onlyB.map(({ subject }) => ({ subject })),
          sharedPrompts: expected.sharedPrompts,
          depthDistance: expected.depthDistance,
          centreOfMassDelta: withReason(expected.centreOfMassDelta),
          headsReason: null,
          overlap: { jaccard: expected.overlap.jaccard },
        }),
      );
      expect(own.heads).toEqual(
        expected.heads.map(({ label, a, b, delta }) => ({
          label,
          baseline: withReason(a),
          run: withReason(b),
          delta: withReason(delta),
        })),
      );
      expect(own.metrics).toEqual(
        expected.metrics.map(({ a, b, sharedA, sharedB, delta, ...rest }) => ({
          ...rest,
          baseline: withReason(a),
          run: withReason(b),
          sharedBaseline: withReason(sharedA),
          sharedRun: withReason(sharedB),
          delta: withReason(delta),
        })),
      );
    }
    const row = mechanismRow(reports.more!);
    expect(runs[2].depth.curve).toEqual(row.depth.curve);
    expect(runs[2].depth.centreOfMass).toEqual(withReason(row.depth.centreOfMass));
    expect(runs[2].concentration.headsTo50).toBe(row.concentration.headsTo50);
    expect(runs[2].mechanism.verdicts.map((each: Loose) => [each.verdict, each.why])).toEqual(
      row.verdicts.map(({ verdict, why }) => [verdict, why]),
    );
    for (const { unit, absentWithin } of runs[2].mechanism.verdicts)
      expect(absentWithin).toBe({ effect: 0.02, nats: 0.05, accuracy: 0.05 }[unit as string] ?? null);
  });

  it("are paired by prompt: the delta is the mean over facts and prompts that both know", async () => {
    const { data } = await compare("SHOTS", ["base", "shots"]);
    const known = (report: RunReport) => report.prompts.filter((prompt) => prompt.known);
    const differences = known(reports.base!).flatMap(({ index, logProb }) => {
      const other = known(reports.shots!).find((prompt) => prompt.index === index);
      return other ? [other.logProb - logProb] : [];
    });
    const { toBaseline } = data.compareRuns.runs[1];
    expect(toBaseline.sharedPrompts).toBe(16);
    expect(differences).toHaveLength(16);
    const metric = toBaseline.metrics.find((each: Loose) => each.metric === "logProb");
    expect(metric.delta.value).toBeCloseTo(differences.reduce((a, b) => a + b, 0) / 16, 12);
    expect(metric.delta.n).toBe(8);
    expect(metric.delta.low).toBeLessThan(metric.delta.value);
  });

  it("are compared pair by pair with what chance gives", async () => {
    const { data } = await compare("SHOTS", ["base", "shots", "more"]);
    const { overlaps } = data.compareRuns;
    expect(overlaps.map(({ a, b }: Loose) => [a, b])).toEqual([
      [0, 1],
      [0, 2],
      [1, 2],
    ]);
    expect(overlaps[2].overlap).toEqual({
      ...plain(headOverlap(reports.shots!, reports.more!)),
      reason: null,
    });
    // All six heads are in sets of ten: sets that must agree say nothing.
    expect(overlaps[2].overlap.pValue).toBeGreaterThan(0.2);
  });

  it("show key numbers with plain differences, none of a name", async () => {
    const { data } = await compare("SHOTS", ["base", "shots"]);
    const { keyNumbers, runs } = data.compareRuns;
    const metrics = runs[1].toBaseline.metrics.map(({ metric }: Loose) => metric);
    for (const { metric } of keyNumbers) if (metric !== null) expect(metrics).toContain(metric);
    expect(keyNumbers.find(({ name }: Loose) => name === "log_prob").metric).toBe("logProb");
    const cells = Object.fromEntries(keyNumbers.map((row: Loose) => [row.name, row.cells]));
    const [first, second] = [reports.base!, reports.shots!].map(
      ({ argumentPassing: { heads } }) => heads.find(({ mover }) => mover)!,
    );
    expect(cells.top_mover.map(({ text, value, delta }: Loose) => [text, value, delta])).toEqual([
      [first!.label, null, null],
      [second!.label, null, null],
    ]);
    expect(cells.top_mover_effect[1].delta).toBe(second!.effect.value! - first!.effect.value!);
    expect(cells.top_mover_effect[0].delta).toBeNull();
    expect(cells.facts_known[1]).toMatchObject({ value: 9, delta: 0, estimate: null });
    expect(cells.top_mover_effect[1].apart).toBe(
      Math.abs(second!.effect.value! - first!.effect.value!) > 0.1,
    );
  });

  it("give the first heads by size of their difference", async () => {
    const query = `query ($ids: [ID!]!, $first: Int) { compareRuns(ids: $ids, axis: SHOTS) { runs { toBaseline {
      heads(orderBy: DELTA, first: $first) { label delta { value } } } } } }`;
    const { data } = await platform.graphql<Loose>(query, { ids: ids("base", "more"), first: 3 });
    const expected = compareRuns(reports.base!, reports.more!)
      .heads.toSorted((a, b) => Math.abs(b.delta.value!) - Math.abs(a.delta.value!))
      .map(({ label }) => label);
    expect(data.compareRuns.runs[1].toBaseline.heads.map(({ label }: Loose) => label)).toEqual(
      expected.slice(0, 3),
    );
    expect(await platform.codeOf(query, { ids: ids("base", "more"), first: -1 })).toBe("BAD_USER_INPUT");
  });
});

it("compares models by depth and by what heads do, never head by head", async () => {
  const { data, errors } = await compare("MODEL", ["base", "other"]);
  expect(errors).toBeUndefined();
  const [, { toBaseline, depth }] = data.compareRuns.runs;
  expect(toBaseline).toMatchObject({ sameModel: false, heads: [], overlap: { jaccard: null } });
  expect(toBaseline.headsReason).toMatch(/different models/);
  expect(depth.curve).toHaveLength(3);
  expect(toBaseline.matching.pairs).toHaveLength(6);
  expect(toBaseline.matching.permutations).toBe(9);
  expect(toBaseline.metrics[0].delta.value).not.toBeNull();
});

describe("refuses", () => {
  it.each([
    ["SHOTS", ["base", "languages"], "task"],
    ["MODEL", ["base", "other", "languages"], "task"],
    ["ENGINE", ["base", "older"], "semantics version"],
    ["SETTINGS", ["base", "metric"], "patching metric"],
  ])("along %s %j: other %s", async (axis, names, name) => {
    const { errors } = await compare(axis, names);
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining(name),
      extensions: { code: "NOT_COMPARABLE" },
    });
    const { differences } = errors![0]!.extensions as Loose;
    expect(differences.map((each: Loose) => each.name)).toEqual([name]);
    expect(differences[0].values).toHaveLength(names.length);
  });

  it.each([
    ["SHOTS", ["base", "languages"]],
    ["ENGINE", ["base", "older"]],
    ["SETTINGS", ["base", "metric"]],
  ])("not when told to go on, and says so: along %s %j", async (axis, names) => {
    const { data, errors } = await compare(axis, names, { force: true });
    expect(errors).toBeUndefined();
    expect(data.compareRuns.forced).toBe(true);
    expect(data.compareRuns.differences.some((each: Loose) => each.prevents)).toBe(true);
    const { metrics } = data.compareRuns.runs[1].toBaseline;
    if (names[1] === "languages") expect(metrics[0].delta.reason).toMatch(/different tasks/);
    else expect(metrics[0].delta.value).not.toBeNull();
  });

  it("not other tasks along the axis of tasks", async () => {
    const { data, errors } = await compare("TASK", ["base", "languages"]);
    expect(errors).toBeUndefined();
    expect(data.compareRuns.forced).toBe(false);
    expect(data.compareRuns.overlaps[0].overlap.jaccard).not.toBeNull();
  });

  it.each([
    ["one run", ["base"], {}, "BAD_USER_INPUT"],
    ["one run twice", ["base", "base"], {}, "BAD_USER_INPUT"],
    ["thirteen runs", Array(13).fill("base"), {}, "BAD_USER_INPUT"],
    [
      "a baseline that is not compared",
      ["base", "shots"],
      { baseline: "0123456789abcdef" },
      "BAD_USER_INPUT",
    ],
  ])("%s", async (_, names, more, code) => {
    const { errors } = await compare("SHOTS", names, more);
    expect(errors?.[0]?.extensions.code).toBe(code);
  });

  it("runs that are not there or have not finished", async () => {
    platform.engine.steps = 400;
    const { id } = await platform.createRun();
    const codes = [];
    for (const other of ["0123456789abcdef", id])
      codes.push(await platform.codeOf(ALL, { ids: [stored.base, other], axis: "SHOTS" }));
    expect(codes).toEqual(["NOT_FOUND", "RUN_NOT_FINISHED"]);
    await platform.graphql(`mutation ($id: ID!) { cancelRun(input: { id: $id }) { run { id } } }`, { id });
  });

  it("more shuffles than the server has time for", async () => {
    const query = `query ($ids: [ID!]!, $n: Int) { compareRuns(ids: $ids, axis: MODEL) { runs { toBaseline { matching(permutations: $n) { cost } } } } }`;
    expect(await platform.codeOf(query, { ids: ids("base", "other"), n: 1000 })).toBe("BAD_USER_INPUT");
    expect(await platform.codeOf(query, { ids: ids("base", "other"), n: -1 })).toBe("BAD_USER_INPUT");
  });
});

describe("reads", () => {
  const variables = (names: string[]) => ({ ids: ids(...names), axis: "SHOTS", force: true });
  const statements = async (query: string, names: string[]) => {
    platform.statements.length = 0;
    const { errors } = await platform.graphql(query, variables(names));
    expect(errors).toBeUndefined();
    return [...platform.statements];
  };

  it("the same few statements however many runs, and only the arrays it needs", async () => {
    const two = await statements(ALL, ["base", "shots"]);
    const six = await statements(ALL, ["base", "shots", "more", "other", "older", "metric"]);
    expect(six).toHaveLength(two.length);
    expect(six.length).toBeLessThanOrEqual(7);
    expect(six.filter((text) => /"values"/.test(text))).toHaveLength(1);
  });

  it("rows of the mechanism table alone, which were stored with their runs", async () => {
    const all = await statements(ROWS, ["base", "shots", "more"]);
    expect(all.filter((text) => /"Prompt"|"RunArray"|"further"|^UPDATE/i.test(text))).toEqual([]);
  });

  it("what a row is computed from once, for runs that have none or one of another version", async () => {
    const { prisma } = platform.services;
    const { data: stored } = await platform.graphql<Loose>(ROWS, variables(["base", "shots", "more"]));
    const kept = await prisma.runReport.findMany({ orderBy: { runId: "asc" } });
    const [base, shots] = ids("base", "shots");
    await prisma.runReport.update({ where: { runId: base! }, data: { mechanism: Prisma.DbNull } });
    const old = { madeBy: "0.0.0 1", row: { depth: { layers: 99, curve: [] }, verdicts: [] } };
    await prisma.runReport.update({ where: { runId: shots! }, data: { mechanism: old } });
    const first = await statements(ROWS, ["base", "shots", "more"]);
    expect(first.filter((text) => /^UPDATE/i.test(text))).toHaveLength(2);
    expect((await platform.graphql<Loose>(ROWS, variables(["base", "shots", "more"]))).data).toEqual(stored);
    expect(await prisma.runReport.findMany({ orderBy: { runId: "asc" } })).toEqual(kept);
    const again = await statements(ROWS, ["base", "shots", "more"]);
    expect(again.filter((text) => /"Prompt"|"RunArray"|^UPDATE/i.test(text))).toEqual([]);
  });

  it("no prompts and arrays where nothing is paired", async () => {
    const query = `query ($ids: [ID!]!, $axis: ComparisonAxis!, $force: Boolean) { compareRuns(ids: $ids, axis: $axis, force: $force) {
      keyNumbers { name cells { value } } overlaps { overlap { jaccard } } runs { concentration { headsTo80 } } } }`;
    const all = await statements(query, ["base", "shots", "more"]);
    expect(all.length).toBeLessThanOrEqual(3);
    expect(all.filter((text) => /"Prompt"|"RunArray"|"further"/.test(text))).toEqual([]);
  });
});
