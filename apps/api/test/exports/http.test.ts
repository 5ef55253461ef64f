import type { Task } from "@recallscope/engine";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUNDLE_MEDIA } from "../../src/exports/index.ts";
import { saveRun } from "../../src/runs/save-run.ts";
import { type Loose, type TestPlatform, testPlatform } from "../support/platform.ts";
import { hardReport } from "./exported-run.ts";

let platform: TestPlatform;
let key: string;
let exports: Loose;

beforeAll(async () => {
  platform = await testPlatform();
  const { prisma } = platform.services;
  const { content } = await prisma.task.findFirstOrThrow({ where: { slug: "country-capital" } });
  const task = content as unknown as Task;
  const places = { modelsFolder: platform.models, base: platform.models };
  ({ key } = await saveRun(prisma, { task, related: [], report: hardReport(task) }, places));
  const { data } = await platform.graphql<Loose>(
    `query ($key: ID!) { run(id: $key) { exports {
      report arrays bundle latex tables { name csv json parquet latex } } further { exports { figure csv json parquet latex } } } }`,
    { key },
  );
  exports = { ...data.run.exports, figures: data.run.further[0].exports };
});
afterAll(() => platform.stop());

const get = (path: string, headers: Record<string, string> = {}) => fetch(platform.url + path, { headers });
const table = (name: string) => exports.tables.find((each: Loose) => each.name === name);
const rowsOf = async (path: string): Promise<Record<string, string>[]> =>
  parse(await (await get(path)).text(), { columns: true, comment: "#", comment_no_infix: true });
const codeOf = async (response: Response) => ((await response.json()) as Loose).errors[0].extensions.code;

it("answers every address that GraphQL names, with a file name, a type and the receipt", async () => {
  const { tables, figures, ...whole } = exports;
  const paths = [
    ...Object.values(whole),
    ...[...tables, ...figures].flatMap(({ csv, json, parquet, latex }: Loose) => [csv, json, parquet, latex]),
  ] as string[];
  expect(paths.length).toBeGreaterThan(70);
  for (const path of paths) {
    const response = await get(path);
    expect(response.status, path).toBe(200);
    expect(response.headers.get("content-disposition")).toMatch(
      new RegExp(
        `^attachment; filename="?country-capital-${key}[a-z0-9.-]*\\.(json|safetensors|bundle|tex|csv|parquet)"?$`,
      ),
    );
    expect(response.headers.get("etag")).toMatch(/^"[0-9a-f]{32}"$/);
    // The hash of the weights stands in receipts only.
    expect(Buffer.from(await response.arrayBuffer()).includes("a".repeat(64)), path).toBe(true);
  }
});

it("gives the numbers that GraphQL gives, with all their digits", async () => {
  const { data } = await platform.graphql<Loose>(
    `query ($key: ID!) { run(id: $key) {
      argumentPassing { heads { label rank mover pValue effect { value low high n reason } noising { value } dlaAnswer { value high } } }
      finalLayer { logProbChange { value low high n } }
      prompts { edges { node { index subject text tokens tokenTexts logProb known } } }
      further { figures { id ... on LinesFigure { series { label points { value low high n } } } } } } }`,
    { key },
  );
  const { argumentPassing, prompts, finalLayer, further } = data.run;
  const text = (value: unknown) => (value === null ? "" : String(value));
  const heads = await rowsOf(table("heads").csv);
  expect(heads).toHaveLength(argumentPassing.heads.length);
  for (const [i, head] of argumentPassing.heads.entries())
    expect(heads[i]).toMatchObject({
      head_label: head.label,
      rank: text(head.rank),
      mover: text(head.mover),
      p_value: text(head.pValue),
      effect: text(head.effect.value),
      effect_low: text(head.effect.low),
      effect_high: text(head.effect.high),
      effect_n: text(head.effect.n),
      effect_reason: text(head.effect.reason),
      noising: text(head.noising.value),
      dla_answer_high: text(head.dlaAnswer.high),
    });
  expect(heads.map(({ effect }) => effect)).toContain("0.30000000000000004");
  const rows = await rowsOf(table("prompts").csv);
  for (const [i, { node }] of prompts.edges.entries()) {
    expect(rows[i]).toMatchObject({ subject: node.subject, text: node.text, log_prob: text(node.logProb) });
    expect(JSON.parse(rows[i]!.tokens!)).toEqual(node.tokens);
    expect(JSON.parse(rows[i]!.token_texts!)).toEqual(node.tokenTexts);
  }
  const final = await rowsOf(table("final-layer").csv);
  expect(Number(final[0]!.estimate_low)).toBe(finalLayer.logProbChange.low);
  const lines = further[0].figures.find((figure: Loose) => figure.series);
  const file = await rowsOf(exports.figures.find((each: Loose) => each.figure === lines.id).csv);
  const points = lines.series.flatMap((each: Loose) =>
    each.points.map((point: Loose) => [each.label, text(point.value)]),
  );
  expect(file.map(({ series, estimate }) => [series, estimate])).toEqual(points);
});

it("keeps some columns, in the order asked", async () => {
  const [row] = await rowsOf(`${table("heads").csv}?columns=effect,head_label`);
  expect(Object.keys(row!)).toEqual([
    "effect",
    "effect_low",
    "effect_high",
    "effect_n",
    "effect_reason",
    "head_label",
  ]);
});

it("need not send again what has not changed", async () => {
  const path = table("heads").csv;
  const etag = (await get(path)).headers.get("etag")!;
  const again = await get(path, { "if-none-match": etag });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect((await get(`${path}?columns=effect`, { "if-none-match": etag })).status).toBe(200);
  expect((await get(table("lens").csv, { "if-none-match": etag })).status).toBe(200);
  const head = await fetch(platform.url + path, { method: "HEAD" });
  expect([head.status, head.headers.get("etag")]).toEqual([200, etag]);
});

describe("refuses", () => {
  it.each([
    ["a run that is not there", "/runs/0123456789abcdef/tables/heads.csv", 404, "NOT_FOUND"],
    ["what is no id", "/runs/..%2f..%2fetc/report.json", 404, "NOT_FOUND"],
    ["a table that is not there", "/runs/KEY/tables/tails.csv", 404, "NOT_FOUND"],
    ["what every object has", "/runs/KEY/tables/constructor.csv", 404, "NOT_FOUND"],
    ["a figure that is not there", "/runs/KEY/figures/attention-knockout/x.csv", 404, "NOT_FOUND"],
    ["another form", "/runs/KEY/tables/heads.xlsx", 400, "BAD_USER_INPUT"],
    ["another file", "/runs/KEY/run.zip", 400, "BAD_USER_INPUT"],
    ["an unknown column", "/runs/KEY/tables/heads.csv?columns=effect,tail", 400, "BAD_USER_INPUT"],
    ["a column twice", "/runs/KEY/tables/heads.csv?columns=rank,rank", 400, "BAD_USER_INPUT"],
    ["digits that no number has", "/runs/KEY/tables/heads.tex?digits=18", 400, "BAD_USER_INPUT"],
  ])("%s", async (_, path, status, code) => {
    const response = await get(path.replace("KEY", key));
    expect([response.status, await codeOf(response)]).toEqual([status, code]);
    // The tag of a file must not end up on what is none.
    expect(response.headers.get("etag")).not.toMatch(/^"/);
  });

  it("a run that has not finished, which GraphQL gives no addresses", async () => {
    platform.engine.steps = 400;
    const { id } = await platform.createRun({ task: "country-language" });
    const response = await get(`/runs/${id}/tables/heads.csv`);
    expect([response.status, await codeOf(response)]).toEqual([409, "RUN_NOT_FINISHED"]);
    const { data } = await platform.graphql<Loose>(
      `query ($id: ID!) { run(id: $id) { exports { report } } }`,
      { id },
    );
    expect(data.run.exports).toBeNull();
    await platform.graphql(`mutation ($id: ID!) { cancelRun(input: { id: $id }) { run { id } } }`, { id });
  });
});

describe("an import", () => {
  const send = (body: Uint8Array, query = "", type = BUNDLE_MEDIA) =>
    fetch(`${platform.url}/runs/import${query}`, {
      method: "POST",
      headers: { "content-type": type },
      body: new Uint8Array(body),
    });
  const bundle = async () => new Uint8Array(await (await get(`/runs/${key}/run.bundle`)).arrayBuffer());

  it("brings a run back after it was deleted, and finds it the next time", async () => {
    const file = await bundle();
    const heads = await (await get(`/runs/${key}/tables/heads.csv`)).text();
    await platform.services.prisma.run.deleteMany({ where: { key } });
    expect((await get(`/runs/${key}/report.json`)).status).toBe(404);
    const first = await send(file);
    expect([first.status, await first.json()]).toEqual([201, { id: expect.any(String), key, created: true }]);
    const second = await send(file);
    expect([second.status, await second.json()]).toMatchObject([200, { key, created: false }]);
    expect(await (await get(`/runs/${key}/tables/heads.csv`)).text()).toBe(heads);
    expect(Buffer.from(await bundle()).equals(file)).toBe(true);
  });

  it("refuses what is damaged, of another type, or asked strangely", async () => {
    const file = await bundle();
    const damaged = await send(file.subarray(0, file.length - 1));
    expect([damaged.status, await codeOf(damaged)]).toEqual([400, "BAD_BUNDLE"]);
    // What a form of another site's page can send.
    for (const type of [
      "text/plain",
      "multipart/form-data; boundary=x",
      "application/x-www-form-urlencoded",
    ]) {
      const other = await send(file, "", type);
      expect([other.status, await codeOf(other)]).toEqual([400, "BAD_REQUEST"]);
    }
    const strange = await send(file, "?force=perhaps");
    expect([strange.status, await codeOf(strange)]).toEqual([400, "BAD_USER_INPUT"]);
    const empty = await send(new Uint8Array());
    expect([empty.status, await codeOf(empty)]).toEqual([400, "BAD_BUNDLE"]);
  });
});
