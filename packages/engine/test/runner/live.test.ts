import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import type { LabeledArray } from "../../src/results/labeled-array.ts";
import { DEFAULT_SETTINGS, type RunSettings } from "../../src/results/receipt.ts";
import type { RunReport } from "../../src/results/report.ts";
import { intervene } from "../../src/runner/intervene.ts";
import { answerLive, type LiveAsks, type LiveKind } from "../../src/runner/live/index.ts";
import { pairOfRun } from "../../src/runner/live/pair.ts";
import { promptEffects } from "../../src/runner/live/prompt-effects.ts";
import { type OpenModel, openModel } from "../../src/runner/open-model.ts";
import { runTask } from "../../src/runner/run-task.ts";
import { openInstruments } from "../../src/session/model-instruments.ts";
import type { SweepOptions } from "../../src/sweeps/index.ts";
import type { Receiver } from "../../src/sweeps/path-patching/paths.ts";
import { loadTask } from "../../src/tasks/load-task.ts";
import { openTokenizer } from "../../src/tokenizers/open-tokenizer.ts";
import { FAMILIES, openOracle, oracleFolder, tolerance } from "../oracles/oracle.ts";
import { sweepArrays } from "../sweeps/run.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const MODELS = path.join(ROOT, "models");
const HASHES = { weightHash: "w", tokenizerHash: "t" };

/** Hugging Face transformers computed the golden numbers. */
describe.each(FAMILIES)("one prompt of %s, live", async (family) => {
  const { session, get, prompts } = await openOracle(family);
  const tokenizer = await openTokenizer(oracleFolder(family));
  const instruments = await openInstruments(session);
  const summary = { name: family, ...HASHES };
  const model = { session, tokenizer, instruments, summary } as unknown as OpenModel;
  const { layers, heads, vocabulary } = session.spec.facts;
  const clean = prompts("clean");
  afterAll(() => session.close());
  const live = <Kind extends LiveKind>(kind: Kind, ask: LiveAsks[Kind]["ask"]) =>
    answerLive(model, { model: family, expected: HASHES, kind, ask });

  it("looks where transformers looks, and weighs it by what each head writes there", async () => {
    for (const [b, prompt] of clean.slice(0, 2).entries())
      for (let layer = 0; layer < layers; layer++)
        for (let head = 0; head < heads; head++) {
          const { pattern, valueWeighted, tokens } = await live("attention", { prompt, layer, head });
          const length = prompt.length;
          expect(tokens.map(({ id }) => id)).toEqual(prompt);
          const start = (b * heads + head) * length ** 2;
          const golden = get(`clean/pattern.${layer}`).data.slice(start, start + length ** 2);
          for (const [i, value] of pattern.entries())
            expect(Math.abs(value - golden[i]!)).toBeLessThan(tolerance(family));
          for (let row = 0; row < length; row++) {
            const shares = valueWeighted.subarray(row * length, (row + 1) * length);
            expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
            expect(shares.subarray(row + 1).every((share) => share === 0)).toBe(true);
          }
        }
  });

  it("is what it was with every factor at 1, to the bit", async () => {
    const edits = Array.from({ length: layers }, (_, layer) => [
      ...Array.from({ length: heads }, (_, head) => ({ hook: hookName("attn.hook_z", layer), head })),
      { hook: hookName("hook_mlp_out", layer) },
    ])
      .flat()
      .map((place) => ({ ...place, position: -1, scale: 1 }));
    const { before, after, compared } = await live("intervention", { prompt: clean[0]!, edits, top: 20 });
    expect(after).toEqual(before);
    for (const token of compared) expect(token.after).toEqual(token.before);
  });

  it("is what transformers says with a head at 0", async () => {
    const golden = get("ablate.zero.last_logits").data;
    for (let layer = 0; layer < layers; layer++)
      for (let head = 0; head < heads; head++) {
        const edits = [{ hook: hookName("attn.hook_z", layer), head, scale: 0 }];
        const top = Math.min(100, vocabulary);
        const { after } = await live("intervention", { prompt: clean[0]!, edits, top });
        const start = (layer * heads + head) * clean.length * vocabulary;
        for (const { token, logit } of after.top)
          expect(Math.abs(logit - golden[start + token]!)).toBeLessThan(10 * tolerance(family));
      }
  });

  it("names the heads there are, and refuses another model", async () => {
    const missing = { prompt: clean[0]!, layer: 0, head: heads };
    await expect(live("attention", missing)).rejects.toThrow(
      `head L0H${heads}: the model has none (allowed: layers 0 to ${layers - 1}, heads 0 to ${heads - 1})`,
    );
    for (const hash of ["weightHash", "tokenizerHash"] as const) {
      const expected = { ...HASHES, [hash]: "another" };
      const ask = { prompt: clean[0]!, layer: 0, head: 0 };
      await expect(
        answerLive(model, { model: family, expected, kind: "attention", ask }),
      ).rejects.toMatchObject({ code: "MODEL_CHANGED" });
    }
  });
});

describe("a prompt of a run, live", async () => {
  const model = await openModel(
    "recall-gpt2",
    { modelsFolder: MODELS, cacheFolder: MODELS, offline: true },
    1,
  );
  const whole = await loadTask(path.join(ROOT, "tasks", "country-capital.json"));
  const task = { ...whole, facts: whole.facts.slice(0, 12) };
  const settings: RunSettings = { ...DEFAULT_SETTINGS, analyses: [], bootstrapSamples: 100, leadIns: 2 };
  const { layers, heads, width } = model.session.spec.facts;
  let report: RunReport;
  beforeAll(async () => {
    report = await runTask(model, task, settings);
  });
  afterAll(() => model.session.close());
  const live = <Kind extends LiveKind>(kind: Kind, ask: LiveAsks[Kind]["ask"]) =>
    answerLive(model, { model: "recall-gpt2", expected: model.summary, kind, ask });
  const array = (name: string): LabeledArray => report.arrays.find((own) => own.name === name)!;
  const pairOf = (prompt: number) => ({ task, settings, prompt, tokens: report.prompts[prompt]!.tokens });
  /** Prompts that the run patched. */
  const patched = () => array("patching.clean").axes[0]!.labels.map(Number);

  it("gives each head the effects that the run stored", async () => {
    for (const [row, prompt] of patched().slice(0, 4).entries()) {
      const found = await live("patching", { pair: pairOf(prompt), over: "HEADS" });
      expect(found.clean).toBeCloseTo(array("patching.clean").values[row]!, 4);
      expect(found.corrupted).toBeCloseTo(array("patching.corrupted").values[row]!, 4);
      for (const direction of ["noising", "denoising"] as const)
        for (let i = 0; i < layers * heads; i++)
          expect(found[direction][i]).toBeCloseTo(
            array(`patching.${direction}`).values[row * layers * heads + i]!,
            4,
          );
      expect(found.rows.map(({ label }) => label)).toEqual(
        report.argumentPassing.heads.map(({ label }) => label),
      );
    }
  });

  it("gives heads and layers at every position what the sweeps give", async () => {
    const prompt = patched()[0]!;
    const pair = pairOfRun(pairOf(prompt), model);
    const some = [
      { layer: 1, head: 2 },
      { layer: 3, head: 0 },
    ];
    const byHead = await live("patching", { pair: pairOf(prompt), over: "HEADS_POSITIONS", heads: some });
    const byLayer = await live("patching", { pair: pairOf(prompt), over: "LAYERS_POSITIONS" });
    const length = pair.clean.length;
    expect(byHead.positions).toEqual(Array.from({ length }, (_, i) => i));
    for (const [kind, direction] of [
      ["noise", "noising"],
      ["denoise", "denoising"],
    ] as const) {
      const sweptHeads = await sweepArrays(model.session, [pair], { over: "heads-positions", kind });
      const values = sweptHeads.get("logit_diff")!.values;
      for (const [i, { layer, head }] of some.entries())
        for (let position = 0; position < length; position++)
          expect(byHead[direction][i * length + position]).toBeCloseTo(
            values[(layer * heads + head) * length + position]!,
            5,
          );
      const hooks = ["resid_pre", "attn_out", "mlp_out"] as const;
      const sweptLayers = await sweepArrays(model.session, [pair], {
        over: "layers-positions",
        kind,
        hooks: hooks.map((hook) => `hook_${hook}` as const),
      });
      const own = sweptLayers.get("logit_diff")!.values;
      expect(own).toHaveLength(byLayer[direction].length);
      for (const [i, value] of own.entries()) expect(byLayer[direction][i]).toBeCloseTo(value, 5);
    }
  });

  it("sends along each edge what path patching and direct attributions say", async () => {
    const prompt = patched()[1]!;
    const pair = pairOfRun(pairOf(prompt), model);
    const senders = [
      { layer: 0, head: 1 },
      { layer: 2, head: 3 },
    ];
    const flow = await live("flow", { pair: pairOf(prompt), heads: senders });
    const edge = (from: string, to: string) =>
      flow.edges.find((own) => own.from === from && own.to === to)!.effect;
    const lost = async (options: SweepOptions) =>
      (await sweepArrays(model.session, [pair], options))
        .get("logit_diff")!
        .values.map((patched) => flow.clean - patched);
    const paths = (senders: "heads" | "mlps", receivers: readonly Receiver[]) =>
      lost({ over: "paths", kind: "noise", senders, receivers, mlps: "FREEZE" });
    const direct = await paths("heads", [{ kind: "final" }]);
    const ofMlps = await paths("mlps", [{ kind: "final" }]);
    const all = await lost({ over: "heads", kind: "noise", position: "last" });
    for (const { layer, head } of senders) {
      const label = `L${layer}H${head}`;
      expect(edge(label, "answer")).toBeCloseTo(direct[layer * heads + head]!, 4);
      expect(edge("subject", label)).toBeCloseTo(all[layer * heads + head]!, 4);
      for (let mlp = layer; mlp < layers; mlp++) {
        const through = await paths("heads", [{ kind: "mlp", layer: mlp }]);
        expect(edge(label, `MLP${mlp}`)).toBeCloseTo(through[layer * heads + head]!, 4);
      }
    }
    for (let layer = 0; layer < layers; layer++)
      expect(edge(`MLP${layer}`, "answer")).toBeCloseTo(ofMlps[layer]!, 4);
    expect(flow.edges.some(({ from, to: end }) => from === "L2H3" && end === "MLP1")).toBe(false);

    // With all else frozen only what the head itself writes differs: its attribution under the frozen norm, but for that norm's scale.
    const { instruments, session } = model;
    const final = hookName("hook_resid_post", layers - 1);
    const capture = [final, ...senders.map(({ layer }) => hookName("attn.hook_result", layer))].map(
      (hook) => ({
        hook,
        positions: "last" as const,
      }),
    );
    const runs = await execute(session, [
      { tokens: pair.clean, capture },
      { tokens: pair.corrupted, capture },
    ]);
    const directions = await instruments.directions([pair.answer, pair.wrong]);
    for (const { layer, head } of senders) {
      const [own, other] = runs.map(({ captures }) =>
        captures.get(hookName("attn.hook_result", layer))!.subarray(head * width, (head + 1) * width),
      );
      const state = runs[0]!.captures.get(final)!;
      const moved = state.map((value, d) => value - own![d]! + other![d]!);
      const scaleOf = (row: Float32Array) => instruments.scales(row)[0]!;
      const diffAt = (row: Float32Array) => {
        const dots = [0, 1].map((t) =>
          row.reduce((sum, value, d) => sum + value * directions[t * width + d]!, 0),
        );
        return dots[0]! - dots[1]!;
      };
      const constants = await instruments.constants([pair.answer, pair.wrong]);
      const lead = (row: Float32Array) => diffAt(row) / scaleOf(row) + constants[0]! - constants[1]!;
      expect(edge(`L${layer}H${head}`, "answer")).toBeCloseTo(lead(state) - lead(moved), 3);
    }
  });

  it("rebuilds the intercept that the run read out", async () => {
    const known = new Set(report.task.facts.filter((fact) => fact.known).map(({ index }) => index));
    const prompts = report.prompts.filter(({ fact }) => known.has(fact)).map(({ tokens }) => tokens);
    for (const regressors of ["R1", "R2"] as const)
      for (const layer of [0, layers - 1]) {
        const fit = report.mlpActivation.decompositions.find(
          (own) => own.layer === layer && own.regressors === regressors,
        )!;
        const { vector, norm } = await live("intercept", {
          prompts,
          layer,
          weights: fit.weights,
          centred: fit.centred,
        });
        expect(norm / fit.interceptNorm).toBeCloseTo(1, 3);
        const read = report.functionApplication.intercepts.find(
          (own) => own.layer === layer && own.regressors === regressors,
        )!;
        const [own] = await model.instruments.frozenLogits(vector, 1, 5);
        expect(own!.top.map(({ token }) => token)).toEqual(read.top.slice(0, 5).map(({ token }) => token));
        const scale = own!.top[0]!.value / read.top[0]!.value;
        for (const [i, { value }] of own!.top.entries())
          expect(value / scale / read.top[i]!.value).toBeCloseTo(1, 3);
      }
  });

  it("is changed by the intercept as the planner's own edit changes it", async () => {
    const { tokens } = report.prompts[0]!;
    const value = new Float32Array(width).map((_, i) => Math.sin(i));
    const edits = [{ hook: hookName("hook_mlp_out", 1), position: -1, scale: 0.5, value }];
    const answer = 7;
    const asked = await live("intervention", { prompt: tokens, edits, top: 5, answer });
    const [by] = await execute(model.session, [{ tokens, edits, logits: "last" }]);
    expect(asked.after.answer!.logit).toBeCloseTo(by!.logits![answer]!, 4);
    expect(asked.compared.map(({ token }) => token)).toContain(answer);
    expect(await intervene(model, { model: "", prompt: tokens, edits, top: 5, answer })).toEqual(asked);
  });

  it("says why a prompt has no counterfactual, and that a task asks something else by now", async () => {
    const { tokens } = report.prompts[0]!;
    await expect(
      live("patching", { pair: { ...pairOf(0), tokens: [...tokens, 1] }, over: "HEADS" }),
    ).rejects.toMatchObject({ code: "BAD_TASK" });
    await expect(live("flow", { pair: pairOf(0), heads: [] })).rejects.toThrow(/allowed: 1 to 12/);
  });
});

it("normalises what has something to lose, and says why the rest is not", () => {
  const pair = { clean: 3, corrupted: -1, noising: [1, 3], denoising: [0, -1] };
  const effects = promptEffects(pair);
  if ("reason" in effects) throw new Error(effects.reason);
  expect([...effects.noising]).toEqual([0.5, 0]);
  expect([...effects.denoising]).toEqual([0.25, 0]);
  expect([...effects.effect]).toEqual([0.375, 0]);
  expect(promptEffects({ ...pair, clean: -0.5 })).toHaveProperty("reason");
  expect(promptEffects({ ...pair, clean: 0.05, corrupted: 0 })).toHaveProperty("reason");
});
