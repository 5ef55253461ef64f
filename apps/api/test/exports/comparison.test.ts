import { DEFAULT_SETTINGS, type Task } from "@recallscope/engine";
import { parse } from "csv-parse/sync";
import { parquetReadObjects } from "hyparquet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { saveRun } from "../../src/runs/save-run.ts";
import { comparableReport } from "../support/comparable-report.ts";
import { knockoutReport } from "../support/knockout-report.ts";
import { type Loose, type TestPlatform, testPlatform } from "../support/platform.ts";

let platform: TestPlatform;
const ids: string[] = [];
const keys: string[] = [];
let otherTask: string;
let comparison: Loose;
const HASHES = ["a", "c"].map((digit) => digit.repeat(64));

beforeAll(async () => {
  platform = await testPlatform();
  const { prisma } = platform.services;
  const taskOf = async (slug: string) =>
    (await prisma.task.findFirstOrThrow({ where: { slug, current: true } })).content as unknown as Task;
  const save = async (task: Task, seed: number, weightHash?: string) => {
    const settings = { ...DEFAULT_SETTINGS, analyses: [], seed: 2 ** 31 - 1 };
    const model = weightHash ? "other" : "demo";
    const report = comparableReport(model, task, settings, seed, { weightHash, unknown: [seed] });
    const further = {
      "attention-knockout": knockoutReport((value) => ({ value, low: null, high: null, n: 2 })),
    };
    const places = { modelsFolder: platform.models, base: platform.models };
    return saveRun(prisma, { task, related: [], report: { ...report, further } }, places);
  };
  const capitals = await taskOf("country-capital");
  for (const run of [await save(capitals, 1), await save(capitals, 2, HASHES[1])]) {
    ids.push(run.id);
    keys.push(run.key);
  }
  otherTask = (await save(await taskOf("country-language"), 3)).key;
  const { data, errors } = await platform.graphql<Loose>(
    `query ($ids: [ID!]!, $baseline: ID) { compareRuns(ids: $ids, axis: MODEL, baseline: $baseline) {
      exports { latex tables { name csv json parquet latex } }
      keyNumbers { name cells { value delta } }
      overlaps { overlap { jaccard reason } }
      runs { depth { curve { layer cumulative } } mechanism { verdicts { quantity verdict } }
        toBaseline { metrics { metric delta { value low high n } pValue } } } } }`,
    { ids: keys, baseline: keys[1] },
  );
  expect(errors).toBeUndefined();
  comparison = data.compareRuns;
});
afterAll(() => platform.stop());

const createComparison = async (input: object): Promise<Loose> => {
  const { data, errors } = await platform.graphql<Loose>(
    `mutation ($input: CreateComparisonInput!) { createComparison(input: $input) { comparison { id } } }`,
    { input },
  );
  expect(errors).toBeUndefined();
  return data.createComparison.comparison;
};
const get = (path: string) => fetch(platform.url + path);
const address = (name: string, form: string): string =>
  comparison.exports.tables.find((table: Loose) => table.name === name)[form];
const rowsOf = async (path: string): Promise<Record<string, string>[]> =>
  parse(await (await get(path)).text(), { columns: true, comment: "#", comment_no_infix: true });
const text = (value: unknown) => (value === null ? "" : String(value));

it("answers every address that GraphQL names, with the receipts of all runs", async () => {
  const { latex, tables } = comparison.exports;
  const paths = [
    latex,
    ...tables.flatMap(({ csv, json, parquet, latex }: Loose) => [csv, json, parquet, latex]),
  ];
  expect(paths).toHaveLength(61);
  for (const path of paths) {
    const response = await get(path);
    expect(response.status, path).toBe(200);
    expect(response.headers.get("content-disposition")).toMatch(
      new RegExp(`^attachment; filename="?comparison-${keys[1]}-[a-z0-9-]*\\.(csv|json|parquet|tex)"?$`),
    );
    const file = Buffer.from(await response.arrayBuffer());
    for (const hash of HASHES) expect(file.includes(hash), path).toBe(true);
  }
});

it("holds the numbers that GraphQL gives, with all their digits", async () => {
  const metrics = await rowsOf(address("metrics", "csv"));
  const expected = comparison.runs[0].toBaseline.metrics;
  expect(
    metrics.map((row) => [
      row.place,
      row.run,
      row.metric,
      row.delta,
      row.delta_low,
      row.delta_n,
      row.p_value,
    ]),
  ).toEqual(
    expected.map(({ metric, delta, pValue }: Loose) => [
      "0",
      keys[0],
      metric,
      text(delta.value),
      text(delta.low),
      text(delta.n),
      text(pValue),
    ]),
  );
  expect(metrics.some(({ delta }) => Number(delta) !== 0)).toBe(true);
  const numbers = await rowsOf(address("key-numbers", "csv"));
  expect(numbers.map(({ quantity, value, delta }) => [quantity, value, delta])).toEqual(
    comparison.keyNumbers.flatMap(({ name, cells }: Loose) =>
      cells.map(({ value, delta }: Loose) => [name, text(value), text(delta)]),
    ),
  );
  const depth = await rowsOf(address("depth", "csv"));
  expect(depth.map(({ layer, cumulative }) => [layer, cumulative])).toEqual(
    comparison.runs.flatMap(({ depth: { curve } }: Loose) =>
      curve.map(({ layer, cumulative }: Loose) => [text(layer), text(cumulative)]),
    ),
  );
  const verdicts = await rowsOf(address("verdicts", "csv"));
  expect(verdicts.map(({ quantity, verdict }) => ({ quantity, verdict }))).toEqual(
    comparison.runs.flatMap(({ mechanism }: Loose) => mechanism.verdicts),
  );
  const [overlap] = await rowsOf(address("overlap", "csv"));
  expect([overlap!.jaccard, overlap!.reason]).toEqual(["", comparison.overlaps[0].overlap.reason]);
});

it("puts tables of the runs one below the other", async () => {
  const rows = await rowsOf(address("further-results", "csv"));
  const counts = [0, 1].map((place) => rows.filter((row) => row.place === String(place)).length);
  expect(counts[0]).toBeGreaterThan(0);
  expect(counts[1]).toBe(counts[0]);
});

it("says in JSON and Parquet what was compared, and names the runs", async () => {
  const { axis, baseline, forced, runs, rows } = (await (await get(address("runs", "json"))).json()) as Loose;
  expect({ axis, baseline, forced }).toEqual({ axis: "MODEL", baseline: keys[1], forced: false });
  expect(runs.map(({ run, receipt }: Loose) => [run, receipt.model.weightHash])).toEqual([
    [keys[0], HASHES[0]],
    [keys[1], HASHES[1]],
  ]);
  expect(rows.map(({ place, baseline }: Loose) => [place, baseline])).toEqual([
    [0, false],
    [1, true],
  ]);
  const file = await (await get(address("runs", "parquet"))).arrayBuffer();
  expect((await parquetReadObjects({ file })).map(({ seed }) => seed)).toEqual([2147483647n, 2147483647n]);
});

it("compares along what the runs do differ in, where no axis is named", async () => {
  const [one, other] = keys as [string, string];
  const address = (runs: string[]) => `/comparisons/tables/runs.json?runs=${runs}&baseline=${other}`;
  expect(((await (await get(address([one, other]))).json()) as Loose).axis).toBe("MODEL");
  expect(((await (await get(address([other, otherTask]))).json()) as Loose).axis).toBe("TASK");
});

it("finds the runs of a saved comparison by its name, with its baseline or another one", async () => {
  const named = await (await get(address("metrics", "csv"))).text();
  const saved = (await createComparison({ name: "one & other", runs: keys, baseline: keys[1] })).id;
  const asked = "/comparisons/tables/metrics.csv?axis=MODEL&saved=";
  expect(await (await get(`${asked}${encodeURIComponent("one & other")}`)).text()).toBe(named);
  expect(await (await get(asked + saved)).text()).toBe(named);
  const turned = await (await get(`${asked}${saved}&baseline=${keys[0]}`)).text();
  expect(turned).toContain(`# axis MODEL, baseline ${keys[0]}`);
});

it("names the runs of a saved comparison that were deleted", async () => {
  const { prisma } = platform.services;
  const saved = await createComparison({ name: "deleted", runs: keys });
  const where = { key: keys[0]!, comparison: { name: "deleted" } };
  await prisma.comparisonRun.updateMany({ where, data: { runId: null } });
  const response = await get(`/comparisons/tables.tex?saved=${saved.id}`);
  const [{ message }] = ((await response.json()) as Loose).errors;
  expect([response.status, message]).toEqual([400, expect.stringContaining(`were deleted (${keys[0]})`)]);
});

it("need not be sent again while the runs are the same", async () => {
  const { id } = await createComparison({ name: "again", runs: [keys[0]!, otherTask] });
  const path = `/comparisons/tables/overlap.csv?saved=${id}`;
  const first = await get(path);
  const etag = first.headers.get("etag")!;
  expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
  const ask = (address: string) => fetch(platform.url + address, { headers: { "if-none-match": etag } });
  const again = await ask(path);
  expect([again.status, await again.text(), again.headers.get("etag")]).toEqual([304, "", etag]);
  for (const other of [
    `${path}&columns=a`,
    `${path}&baseline=${otherTask}`,
    `/comparisons/tables/overlap.json?saved=${id}`,
    `/comparisons/tables/overlap.csv?runs=${otherTask},${keys[0]}&baseline=${keys[0]}`,
  ])
    expect((await ask(other)).headers.get("etag"), other).not.toBe(etag);
  // The same runs under the same name are the same file, others are not.
  const update = `mutation ($input: UpdateComparisonInput!) { updateComparison(input: $input) { comparison { id } } }`;
  const change = async (input: object) =>
    expect((await platform.graphql(update, { input: { id, ...input } })).errors).toBeUndefined();
  await change({ name: "renamed", note: "seen" });
  expect((await ask(path)).status).toBe(304);
  await change({ runs: [keys[1], otherTask] });
  const changed = await ask(path);
  expect(changed.status).toBe(200);
  expect(await changed.text()).toContain(`run ${keys[1]}`);
});

it("keeps some columns", async () => {
  const [row] = await rowsOf(`${address("metrics", "csv")}&columns=metric,delta`);
  expect(Object.keys(row!)).toEqual([
    "metric",
    "delta",
    "delta_low",
    "delta_high",
    "delta_n",
    "delta_reason",
  ]);
});

describe("refuses", () => {
  const metrics = (query: string) => `/comparisons/tables/metrics.csv?${query}`;
  const runs = () => `runs=${keys.join(",")}`;
  it.each([
    ["another axis", () => metrics(`${runs()}&axis=SIZE`), 400, "BAD_USER_INPUT"],
    ["no runs", () => metrics("axis=MODEL"), 400, "BAD_USER_INPUT"],
    ["runs of two kinds", () => metrics(`${runs()}&saved=beside`), 400, "BAD_USER_INPUT"],
    ["a saved comparison that is not there", () => metrics("saved=nothing"), 404, "NOT_FOUND"],
    ["one run", () => metrics(`axis=MODEL&runs=${keys[0]}`), 400, "BAD_USER_INPUT"],
    ["strange force", () => metrics(`${runs()}&axis=MODEL&force=perhaps`), 400, "BAD_USER_INPUT"],
    ["another table", () => `/comparisons/tables/tails.csv?${runs()}&axis=MODEL`, 404, "NOT_FOUND"],
    [
      "what every object has",
      () => `/comparisons/tables/constructor.csv?${runs()}&axis=MODEL`,
      404,
      "NOT_FOUND",
    ],
    [
      "a run that is not there",
      () => metrics(`axis=MODEL&runs=${keys[0]},0123456789abcdef`),
      404,
      "NOT_FOUND",
    ],
    ["runs of other facts", () => metrics(`axis=SHOTS&runs=${keys[0]},${otherTask}`), 409, "NOT_COMPARABLE"],
  ])("%s", async (_, path, status, code) => {
    const response = await get(path());
    const body = (await response.json()) as Loose;
    expect([response.status, body.errors[0].extensions.code]).toEqual([status, code]);
    // The tag of a file must not end up on what is none.
    expect(response.headers.get("etag")).not.toMatch(/^"/);
  });

  it("not runs of other facts when told to go on", async () => {
    const response = await get(metrics(`axis=SHOTS&runs=${keys[0]},${otherTask}&force=true`));
    expect(response.status).toBe(200);
    expect(await response.text()).toContain("# axis SHOTS, baseline");
  });
});
