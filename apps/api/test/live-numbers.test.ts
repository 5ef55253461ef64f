import { execFile } from "node:child_process";
import { cp, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { ROOT } from "../src/env.ts";
import type { Loose } from "./support/platform.ts";
import { engineServer, killAll, type ServerProcess } from "./support/process.ts";
import { templateFolder } from "./support/template.ts";

const execute = promisify(execFile);

let folder: string;
let model: string;
let server: ServerProcess;
let url: string;
let run: string;
let stored: Loose;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-live-"));
  // A copy that a test may spoil.
  model = path.join(folder, "model");
  await cp(path.join(ROOT, "models/recall-gpt2-1m"), model, { recursive: true });
  const data = path.join(folder, "data");
  await templateFolder(data);
  server = engineServer(data);
  url = (await server.says("ready")).trim();
  const { facts } = JSON.parse(await readFile(path.join(ROOT, "tasks/country-capital.json"), "utf8"));
  const rows = facts.slice(0, 12).map(({ subject, answer }: Loose) => `${subject},${answer}`);
  await ask(`mutation ($input: TaskFileInput!) { importTask(input: $input) { tasks { name outcome } } }`, {
    input: {
      text: ["subject,answer", ...rows, ""].join("\n"),
      slug: "few-capitals",
      like: "country-capital",
    },
  });
  const settings = { analyses: [], bootstrapSamples: 200, leadIns: 1 };
  const { createRun } = await ask(
    `mutation ($input: CreateRunInput!) { createRun(input: $input) { run { id } } }`,
    { input: { model, task: "few-capitals", settings } },
  );
  run = createRun.run.id;
  await vi.waitFor(
    async () => {
      const { status } = (await ask(`query ($id: ID!) { run(id: $id) { status } }`, { id: run })).run;
      expect(status).toBe("SUCCEEDED");
    },
    { timeout: 200_000, interval: 500 },
  );
  stored = (
    await ask(
      `query ($id: ID!) { run(id: $id) {
        argumentPassing { layers headsPerLayer heads { layer head label attentionToSubject { value } valueWeightedShare { value } } }
        patching: array(name: "patching.noising") { axes { labels } }
        prompts(first: 100) { edges { node { index fact known probability rank text topTokens { token text probability } } } } } }`,
      { id: run },
    )
  ).run;
}, 240_000);
afterAll(async () => {
  await server?.end("SIGTERM");
  killAll();
  await rm(folder, { recursive: true, force: true });
});

async function send(query: string, variables: unknown = {}): Promise<Loose> {
  const response = await fetch(`${url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  return response.json();
}
async function ask(query: string, variables: unknown = {}): Promise<Loose> {
  const { data, errors } = await send(query, variables);
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
const live = async (prompt: number, fields: string): Promise<Loose> =>
  (
    await ask(`query ($input: LivePromptInput!) { livePrompt(input: $input) { ${fields} } }`, {
      input: { run, prompt },
    })
  ).livePrompt;
const READING = "text probability rank logit";

it("says of an unchanged prompt what the run stored, before and after", async () => {
  const { node } = stored.prompts.edges[0];
  const { intervention } = await live(
    node.index,
    `intervention(input: { heads: [{ layer: 0, head: 0, scale: 1 }], mlps: [{ layer: 1, scale: 1 }], top: 5 }) {
      before { answer { ${READING} } top { ${READING} } } after { answer { ${READING} } top { ${READING} } } }`,
  );
  expect(intervention.after).toEqual(intervention.before);
  expect(intervention.before.answer.probability).toBeCloseTo(node.probability, 5);
  expect(intervention.before.answer.rank).toBe(node.rank);
  for (const [i, { text, probability }] of node.topTokens.slice(0, 5).entries())
    expect(intervention.before.top[i]).toMatchObject({
      text,
      probability: expect.closeTo(probability, 5),
    });
});

it("changes a prompt as the command line does", async () => {
  const { node } = stored.prompts.edges[1];
  const { intervention } = await live(
    node.index,
    `intervention(input: { heads: [{ layer: 0, head: 3, scale: 0 }], mlps: [{ layer: 2, scale: 1.5 }], top: 5 }) {
      before { answer { ${READING} } } after { answer { ${READING} } top { ${READING} } } }`,
  );
  const bin = path.join(ROOT, "apps/cli/bin/recallscope.mjs");
  const edits = ["--edit", "L0H3@last=0", "--edit", "MLP2@last=1.5"];
  const prompt = ["--prompt", node.text, "--answer", intervention.before.answer.text];
  const { stdout } = await execute(
    process.execPath,
    [bin, "intervene", model, ...prompt, ...edits, "--top", "5", "--json"],
    { cwd: ROOT },
  );
  const cli = JSON.parse(stdout);
  const shown = ({ text, probability, rank, logit }: Loose) => ({ text, probability, rank, logit });
  expect(cli.after.answer).toMatchObject(intervention.after.answer);
  expect(cli.after.top.map(shown)).toEqual(intervention.after.top);
  expect(intervention.after.answer.logit).not.toBeCloseTo(intervention.before.answer.logit, 3);
});

it("attends as the run did on average", async () => {
  const known = stored.prompts.edges.map((edge: Loose) => edge.node).filter((prompt: Loose) => prompt.known);
  const head = stored.argumentPassing.heads[5];
  const ask = `attention(layer: ${head.layer}, head: ${head.head}) { attentionToSubject valueWeightedShare }`;
  const seen: Loose[] = [];
  // One by one: only so many questions may wait at a time.
  for (const { index, fact } of known) seen.push({ fact, ...(await live(index, ask)).attention });
  // Runs give facts equal weights; with as many prompts of each, prompts have them, too.
  const facts = new Set(seen.map(({ fact }) => fact));
  expect(seen.length % facts.size).toBe(0);
  for (const key of ["attentionToSubject", "valueWeightedShare"] as const)
    expect(seen.reduce((sum, own) => sum + own[key], 0) / seen.length).toBeCloseTo(head[key].value, 5);
});

it("reads stored effects, and computes the same", async () => {
  const prompt = Number(stored.patching.axes[0].labels[0]);
  const rows =
    "source clean corrupted reason pair { wrong { text } } rows { label effect noising denoising }";
  const { patching: kept } = await live(prompt, `patching(over: HEADS) { ${rows} }`);
  const { layers, headsPerLayer } = stored.argumentPassing;
  const all = Array.from({ length: layers * headsPerLayer }, (_, i) => i)
    .map((i) => `{ layer: ${Math.floor(i / headsPerLayer)}, head: ${i % headsPerLayer} }`)
    .join(", ");
  const { patching: fresh } = await live(prompt, `patching(over: HEADS, heads: [${all}]) { ${rows} }`);
  expect([kept.source, fresh.source]).toEqual(["STORED", "COMPUTED"]);
  expect([kept.pair, kept.reason, fresh.reason]).toEqual([null, null, null]);
  expect(fresh.clean).toBeCloseTo(kept.clean, 4);
  expect(fresh.rows.map(({ label }: Loose) => label)).toEqual(kept.rows.map(({ label }: Loose) => label));
  for (const [i, row] of kept.rows.entries())
    for (const key of ["effect", "noising", "denoising"])
      expect(fresh.rows[i][key][0]).toBeCloseTo(row[key][0], 4);
  const { flow } = await live(prompt, `flow { heads { label } edges { from to kind effect share } }`);
  for (const { from, to, share } of flow.edges.filter(({ kind }: Loose) => kind === "SUBJECT_TO_HEAD")) {
    expect(from).toBe("subject");
    expect(share).toBeCloseTo(kept.rows.find(({ label }: Loose) => label === to).noising[0], 4);
  }
});

it("adds the run's intercept, in a text of one's own too", async () => {
  const change = `intervention(input: { intercept: { layer: 2, alpha: 1.5 }, top: 3 }) {
    intercept { norm prompts } before { answer { ${READING} } } after { top { ${READING} } answer { ${READING} } } }`;
  const { node } = stored.prompts.edges[0];
  const first = (await live(node.index, change)).intervention;
  const fit = (
    await ask(
      `query ($id: ID!) { run(id: $id) { mlpActivation { decompositions(regressors: R2, layer: 2) { interceptNorm } } } }`,
      { id: run },
    )
  ).run.mlpActivation.decompositions[0];
  expect(first.intercept.norm / fit.interceptNorm).toBeCloseTo(1, 3);
  expect(first.after.answer.logit).not.toBeCloseTo(first.before.answer.logit, 3);
  const { livePrompt } = await ask(
    `query ($input: LivePromptInput!) { livePrompt(input: $input) { ${change} } }`,
    { input: { run, text: node.text, answer: first.before.answer.text } },
  );
  expect(livePrompt.intervention).toEqual(first);
});

it("refuses the model once its weights have changed", async () => {
  const file = await open(path.join(model, "model.safetensors"), "r+");
  const { size } = await file.stat();
  await file.write(new Uint8Array([1]), 0, 1, size - 1);
  await file.close();
  const { errors } = await send(
    `query ($input: LivePromptInput!) { livePrompt(input: $input) { ${"attention(layer: 0, head: 0) { label }"} } }`,
    {
      input: { run, prompt: 0 },
    },
  );
  expect(errors[0].extensions.code).toBe("MODEL_CHANGED");
  expect(errors[0].message).toMatch(/^weights of .*and the run was made with/);
  await rm(model, { recursive: true });
  const gone = await send(
    `query ($input: LivePromptInput!) { livePrompt(input: $input) { attention(layer: 0, head: 0) { label } } }`,
    {
      input: { run, prompt: 0 },
    },
  );
  expect(gone.errors[0].extensions.code).toBe("MODEL_NOT_FOUND");
});
