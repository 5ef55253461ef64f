import { copyFile, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { FURTHER_ANALYSES, type FurtherId } from "../../src/analyses/index.ts";
import { execute } from "../../src/planner/execute.ts";
import { DEFAULT_SETTINGS } from "../../src/results/receipt.ts";
import { openModel } from "../../src/runner/open-model.ts";
import { runTask } from "../../src/runner/run-task.ts";
import type { Task } from "../../src/tasks/task.ts";
import { temporaryFolder, write } from "../checkpoints/files.ts";
import { oracleFolder } from "../oracles/oracle.ts";
import { numbers } from "../support/numbers.ts";

const IDS = Object.keys(FURTHER_ANALYSES) as FurtherId[];
const SUBJECTS = 24;
/** Words that no frame uses. */
const WORDS = new Set(Array.from({ length: 86 }, (_, i) => `w${i + 3}`));
/** What needs a component's output to be added as it is. */
const OF_PLAIN_OUTPUTS: readonly FurtherId[] = ["path-patching", "final-layer-components", "mitigation"];

/** The oracle with "of" among its words: subjects are read after it. */
async function withOf(family: string): Promise<string> {
  const folder = temporaryFolder();
  for (const file of ["config.json", "model.safetensors"])
    await copyFile(path.join(oracleFolder(family), file), path.join(folder, file));
  const tokenizer = await readFile(path.join(oracleFolder(family), "tokenizer.json"), "utf8");
  write(folder, "tokenizer.json", tokenizer.replace('"w92"', '"of"'));
  return folder;
}

/** Tiny random models that know what they are asked: each subject's answer is among the ten likeliest words. */
async function openKnowing(family: string) {
  const model = await openModel(await withOf(family), { modelsFolder: "" }, 1);
  const subjects = Array.from({ length: SUBJECTS }, (_, i) => `w${10 + i}`);
  const clause = (id: string, end: string) => ({
    id,
    text: `<s> {subject} ${end}`,
    relation: end.split(" ")[0]!,
  });
  const clauses = [clause("one", "w91"), clause("two", "w90 w91")];
  const results = await execute(
    model.session,
    subjects.map((subject) => ({
      tokens: model.tokenizer.encode(`<s> ${subject} w91`).map(({ id }) => id),
      logits: "last" as const,
    })),
  );
  const used = new Set(subjects);
  const facts = subjects.flatMap((subject, i) => {
    const { logits } = results[i]!;
    const likeliest = Array.from(logits!.keys())
      .sort((a, b) => logits![b]! - logits![a]!)
      .slice(0, 10)
      .map((id) => `w${id}`);
    const answer = likeliest.find((word) => WORDS.has(word) && !used.has(word));
    if (!answer) return [];
    used.add(answer);
    return [{ subject, answer }];
  });
  const task: Task = {
    id: "known",
    title: "Known",
    relation: "known",
    version: 1,
    domain: "test",
    licence: "CC0-1.0",
    source: "the model",
    clauses,
    shot: "{subject} {answer}",
    facts,
  };
  return { model, task };
}

describe.each([
  ["gpt-neox-parallel", []],
  ["gpt-neox-serial", []],
  ["qwen3", []],
  ["gemma2", OF_PLAIN_OUTPUTS],
  ["gemma2-no-caps", OF_PLAIN_OUTPUTS],
] as const)("a run of %s", async (family, left) => {
  const { model, task } = await openKnowing(family);
  afterAll(() => model.session.close());
  const { layers, heads } = model.session.spec.facts;
  const settings = { ...DEFAULT_SETTINGS, leadIns: 1, bootstrapSamples: 100, analyses: IDS };
  const report = await runTask(model, task, { ...settings, knownFilter: "TOP10" });

  it("has every analysis that its form allows, in finite numbers, and says which are left out", () => {
    expect(report.task.facts.filter(({ known }) => known).length).toBeGreaterThanOrEqual(4);
    for (const id of IDS) {
      const own = report.further![id];
      expect(own !== undefined, id).toBe(!(left as readonly string[]).includes(id));
      if (own) expect([...numbers(own)].filter(([, value]) => !Number.isFinite(value))).toEqual([]);
      else expect(report.warnings.join()).toContain(`${FURTHER_ANALYSES[id].title} was left out: `);
    }
  });

  it("attributes logits completely, before a cap", () => {
    const { completenessError, components } = report.prediction.directLogitAttribution;
    expect(completenessError).toBeLessThan(1e-4);
    expect(components).toHaveLength(layers * (heads + 2) + 1);
    expect(report.further!["source-attribution"]!.sumError).toBeLessThan(1e-4);
  });

  it("gives probabilities that are some, and no temperature where logits are capped", () => {
    const capped = model.session.spec.facts.logitCap !== null;
    for (const { topTokens } of report.prompts) {
      const shares = topTokens.map(({ probability }) => probability);
      expect(shares).toEqual([...shares].sort((a, b) => b - a));
      expect(shares.reduce((a, b) => a + b, 0)).toBeLessThan(1 + 1e-6);
    }
    expect(report.finalLayer.temperature.best === null).toBe(capped);
  });

  it("explains each MLP by heads that it reads", () => {
    const parallel = model.session.spec.facts.block === "parallel";
    const { decompositions } = report.mlpActivation;
    expect(new Set(decompositions.map(({ layer }) => layer))).toEqual(
      new Set(Array.from({ length: layers }, (_, layer) => layer).slice(parallel ? 1 : 0)),
    );
    for (const { layer, regressors, weights } of decompositions) {
      const last = parallel ? layer - 1 : layer;
      expect(Math.max(...weights.map((weight) => weight.layer))).toBe(last);
      expect(weights).toHaveLength(regressors === "R1" ? heads : (last + 1) * heads);
    }
  });
});

it("a run of a model that norms the stream itself is refused with what is possible", async () => {
  const { model, task } = await openKnowing("opt-post-norm");
  await expect(runTask(model, task, DEFAULT_SETTINGS)).rejects.toThrow(
    /its norms stand on the residual stream itself.*possible with this model: sweeps, live interventions/,
  );
  await model.session.close();
});
