import { afterAll, describe, expect, it } from "vitest";
import { activationPatching } from "../../../src/analyses/argument-passing/activation-patching.ts";
import { headPositionPatching } from "../../../src/analyses/argument-passing/head-position-patching.ts";
import { noiseTracing } from "../../../src/analyses/argument-passing/noise-tracing.ts";
import { pathPatching } from "../../../src/analyses/argument-passing/path-patching.ts";
import { relationPatching } from "../../../src/analyses/argument-passing/relation-patching.ts";
import type { FurtherContext } from "../../../src/analyses/further.ts";
import type { Estimate } from "../../../src/results/estimate.ts";
import { changeOf, outputCaptures } from "../../../src/sweeps/path-patching/component-outputs.ts";
import { runPathPatches } from "../../../src/sweeps/path-patching/run-paths.ts";
import { backwards, knownModel, notFinite } from "./known-model.ts";

const [SUPPRESSOR, BOOSTER] = [-0.5806452, 0.2903226];
const value = ({ value, reason }: Estimate) => {
  if (value === null) throw new Error(`not observed: ${reason}`);
  return value;
};
const close = (actual: number, expected: number, what?: string) =>
  expect(Math.abs(actual - expected), `${what ?? ""} ${actual} (expected ${expected})`).toBeLessThan(1e-4);

describe("model M with 5 facts", async () => {
  const { context, model, close: end } = await knownModel();
  afterAll(end);

  it("separates movers from relation heads: under relation corruption the mover does nothing", async () => {
    const report = await relationPatching.run(context);
    expect(report).toMatchObject({ reason: null, pairs: 5, alignedPairs: 5, excludedPairs: [] });
    expect(report.sources).toEqual([{ source: "relation-1", prompts: 5 }]);
    for (const [i, expected] of [0, 1, 0, SUPPRESSOR, BOOSTER, 0].entries()) {
      const head = report.heads[i]!;
      close(value(head.noising), expected, head.label);
      close(value(head.denoising), expected, head.label);
      close(value(head.effect), expected, head.label);
    }
  });

  it("names no relation head on 5 facts, and says why there is no interplay", async () => {
    const { relationHeads, interplay } = await relationPatching.run(context);
    expect(relationHeads).toEqual([]);
    expect(interplay).toMatchObject({ reason: "no mover was found under subject corruption", shared: [] });
    expect(interplay.interaction).toMatchObject({ value: null, reason: interplay.reason });
  });

  it("says that it needs a related task instead of reporting zeros", async () => {
    const report = await relationPatching.run({ ...context, related: [] });
    expect(report.reason).toMatch(/no related task is at hand/);
    expect(report).toMatchObject({ heads: [], relationHeads: [], pairs: 0 });
    expect(report.cleanMetric).toMatchObject({ value: null, reason: "no usable pair" });
    expect(report.excludedPairs).toHaveLength(5);
  });

  it("moves the subject from its position to the last within layer 0", async () => {
    const report = await activationPatching.run(context);
    close(value(report.cleanMetric), 3.4875);
    close(value(report.corruptedMetric), -3.4875);
    const at = (point: string, position: string) =>
      report.places
        .filter((place) => place.point === point && place.position === position)
        .map(({ noising, denoising }) => [value(noising), value(denoising)] as const);
    const expectAll = (point: string, position: string, expected: number[]) => {
      for (const [layer, both] of at(point, position).entries())
        for (const actual of both) close(actual, expected[layer]!, `${point} ${position} ${layer}`);
    };
    expectAll("hook_resid_pre", "subjLast", [1, 0]);
    expectAll("hook_resid_pre", "last", [0, 1]);
    expectAll("hook_attn_out", "last", [1, SUPPRESSOR + BOOSTER]);
    expectAll("hook_mlp_out", "last", [1, 0]);
    // The relation stands before the subject: nothing there has seen it.
    for (const point of ["hook_resid_pre", "hook_attn_out", "hook_mlp_out"])
      expect(at(point, "relLast")).toEqual([
        [0, 0],
        [0, 0],
      ]);
  });

  it("finds no head at the subject's position: this model enriches nothing there", async () => {
    const report = await headPositionPatching.run(context);
    expect(report.places).toHaveLength(2 * 6);
    for (const { label, position, effect } of report.places) close(value(effect), 0, `${label} ${position}`);
  });

  it("sends the argument through the MLP only: 0 with MLPs frozen, 9 / 6.975 recomputed", async () => {
    const report = await pathPatching.run(context);
    const [recomputed, frozen] = report.toFinalResidual.map(({ senders }) =>
      Object.fromEntries(senders.map(({ sender, effect }) => [sender, value(effect)])),
    );
    close(recomputed!.L0H0!, 9 / 6.975);
    expect(Math.abs(frozen!.L0H0!)).toBeLessThan(1e-6);
    for (const effects of [recomputed!, frozen!]) {
      close(effects.MLP0!, 9 / 6.975, "MLP0");
      close(effects.L1H0!, SUPPRESSOR, "L1H0");
      close(effects.L1H1!, BOOSTER, "L1H1");
      close(effects.L0H1!, 0, "L0H1");
      close(effects.MLP1!, 0, "MLP1");
    }
  });

  it("gives the paper's percentages: the mean over the corrupted prompts, MLPs recomputed", async () => {
    const { paper } = await pathPatching.run(context);
    const [mover] = paper.senders;
    close(value(paper.cleanLogit), 3.4875);
    close(value(mover!.percent), -138.544799, "centred");
    close(value(mover!.percentLogit), -129.032258, "plain");
  });

  it("writes -0.9 and 1.8 of the two subjects along the frozen path", async () => {
    const { execute, model: facts } = context;
    const [clean, corrupted] = await execute(
      [1, 3].map((f) => ({ tokens: model.prompt(0, f), capture: outputCaptures(facts) })),
    );
    const sender = { kind: "head", layer: 0, head: 0 } as const;
    const patch = (mlps: "FREEZE" | "RECOMPUTE") => ({
      tokens: model.prompt(0, 1),
      position: 3,
      sender,
      change: changeOf(sender, clean!, "SAMPLE", { SAMPLE: corrupted! }, facts.width),
      mlps,
      receiverSets: [[{ kind: "final" as const }]],
    });
    const query = { tokens: [model.token.subject(1), model.token.subject(3), model.token.answer(0, 1)] };
    const [frozen] = await runPathPatches([patch("FREEZE")], { query }, execute, facts);
    const before = frozen!.clean.queried!;
    const after = frozen!.patched[0]!.queried!;
    for (const [i, expected] of [0.9, 0, 3.4875].entries()) close(before[i]!, expected);
    for (const [i, expected] of [-0.9, 1.8, 3.4875].entries()) close(after[i]!, expected);
  });

  it("restores the answer from the subject's first state and from the last position's later ones", async () => {
    const quiet = {
      ...context,
      instruments: { ...context.instruments, embeddingDeviation: async () => 0.3 },
    };
    const report = await noiseTracing.run(quiet);
    expect(report).toMatchObject({ draws: 10, window: 1 });
    close(report.noise, 0.9);
    expect(value(report.noisedCentredLogit)).toBeLessThan(value(report.cleanCentredLogit) - 0.1);
    const at = (point: string, position: string, layer: number) =>
      report.places.find((p) => p.point === point && p.position === position && p.layer === layer)!;
    close(value(at("hook_resid_pre", "subjLast", 0).restored), 1);
    close(
      value(at("hook_resid_pre", "subjLast", 0).indirectEffect),
      value(report.cleanProbability) - value(report.noisedProbability),
    );
    // Layer 1 reads a thirtieth of the noise that stays at the subject.
    const about = (actual: number, expected: number) =>
      expect(Math.abs(actual - expected)).toBeLessThan(0.05);
    about(value(at("hook_resid_pre", "subjLast", 1).restored), 0);
    close(value(at("hook_resid_pre", "last", 0).restored), 0);
    about(value(at("hook_resid_pre", "last", 1).restored), 1);
    about(value(at("hook_attn_out", "last", 0).restored), 1);
    close(value(at("hook_mlp_out", "last", 1).restored), 0);
  });
});

describe("model M with 10 facts, two frames", async () => {
  const settings = { sweepPrompts: 2 };
  const { context, close: end } = await knownModel({ facts: 10, frames: 2 }, settings);
  afterAll(end);
  const analyses = [activationPatching, headPositionPatching, relationPatching, noiseTracing, pathPatching];

  it("finds the relation head, and that mover and relation head are both needed (AND)", async () => {
    const { relationHeads, interplay, heads } = await relationPatching.run(context);
    expect(relationHeads).toEqual(["L0H1", "L1H1"]);
    expect(heads[0]).toMatchObject({ label: "L0H0", mover: true, relationHead: false });
    expect(interplay).toMatchObject({ reason: null, shared: ["L1H1"] });
    expect(interplay.sharedPValue).toBeGreaterThan(0.05);
    // Either alone already takes all there is, so both together take no more.
    const both = value(interplay.bothPatched);
    expect(both).toBeGreaterThan(3);
    close(
      value(interplay.interaction),
      both - value(interplay.moversPatched) - value(interplay.relationHeadsPatched),
    );
    expect(value(interplay.interaction)).toBeLessThan(-3);
  });

  it("follows the mover: directly to the first MLP only, through it to both final heads' values", async () => {
    const { fromMover, toMlp } = await pathPatching.run(context);
    expect(fromMover).toMatchObject({ sender: "L0H0", reason: null });
    const [recomputed, frozen] = fromMover.byMlps.map(({ receivers }) =>
      Object.fromEntries(receivers.map(({ receiver, effect }) => [receiver, value(effect)])),
    );
    expect(Object.keys(frozen!)).toHaveLength(1 + 3 * 3 + 1);
    for (const [receiver, effect] of Object.entries(frozen!))
      close(effect, receiver === "MLP0" ? 1 : 0, `frozen ${receiver}`);
    const expected: Record<string, number> = { MLP0: 1, "L1KV0.v": SUPPRESSOR, "L1KV1.v": BOOSTER };
    for (const [receiver, effect] of Object.entries(recomputed!))
      close(effect, expected[receiver] ?? 0, `recomputed ${receiver}`);
    expect(toMlp).toMatchObject({ receiver: "MLP0", reason: null });
    expect(
      toMlp.senders.map(({ sender, effect }) => [sender, Math.round(value(effect) * 1e4) / 1e4 + 0]),
    ).toEqual([
      ["L0H0", 1],
      ["L0H1", 0],
      ["L0H2", 0],
    ]);
  });

  it.each(analyses)(
    "$id does not depend on the order of facts and prompts, intervals included",
    async (analysis) => {
      const quiet = {
        ...context,
        instruments: { ...context.instruments, embeddingDeviation: async () => 0.3 },
      } satisfies FurtherContext;
      const report = await analysis.run(quiet);
      expect(await analysis.run(backwards(quiet))).toEqual(report);
      expect(notFinite(report)).toEqual([]);
    },
  );

  it.each(analyses)(
    "$id uses the first sweepPrompts prompts of each fact, and no others",
    async (analysis) => {
      let prompts = new Set<string>();
      const own = new Set(context.measured.map(({ prompts }) => prompts[1]!.tokens.join()));
      const spied = {
        ...context,
        settings: { ...context.settings, sweepPrompts: 1 },
        execute: (passes: Parameters<typeof context.execute>[0]) => {
          prompts = new Set([...prompts, ...passes.map(({ tokens }) => tokens.join())]);
          return context.execute(passes);
        },
      };
      const report = await analysis.run(spied);
      expect(report.promptsPerFact).toBe(1);
      expect([...prompts].filter((tokens) => own.has(tokens))).toEqual([]);
      expect(prompts.size).toBeGreaterThanOrEqual(10);
    },
  );
});
