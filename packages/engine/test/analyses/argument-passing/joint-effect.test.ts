import { describe, expect, it } from "vitest";
import { jointEffect } from "../../../src/analyses/argument-passing/joint-effect.ts";
import { judge } from "../../../src/analyses/argument-passing/joint-views.ts";
import { massRule } from "../../../src/analyses/argument-passing/mass-rule.ts";
import type {
  Direction,
  JointEffectReport,
  JointMetric,
  Replacement,
} from "../../../src/results/joint-effect.ts";
import { buildModelM } from "../../synthetic/model-m-folder.ts";
import { buildS2, GATES } from "../../synthetic/variants.ts";
import { contextOn, withMovers } from "./on-folder.ts";

const view = (
  { views }: JointEffectReport,
  replacement: Replacement,
  direction: Direction,
  metric: JointMetric,
) => views.find((v) => v.replacement === replacement && v.direction === direction && v.metric === metric)!;

/** [single, single, joint, interaction] as shares, of two heads that do the same. */
const EXPECTED = {
  AND: { NOISING: [1, 1, 1, -1], DENOISING: [0, 0, 1, 1], verdict: "AND-like" },
  SUM: { NOISING: [0.5, 0.5, 1, 0], DENOISING: [0.5, 0.5, 1, 0], verdict: "additive" },
  BACKUP: { NOISING: [0, 0, 1, 1], DENOISING: [1, 1, 1, -1], verdict: "OR-like or backup" },
} as const;
const CLEAN = { AND: 4.5 * 0.775, SUM: 9 * 0.775, BACKUP: 4.5 * 0.775 };

describe.each(GATES)("two movers into a gate: %s", async (gate) => {
  const context = await contextOn(await buildS2(gate, { facts: 10 }), { knownFilter: "CANDIDATE_TOP1" });
  const report = await jointEffect.run(withMovers(context, ["L0H0", "L0H1"]));

  it("is run on the movers", () => {
    expect(report).toMatchObject({ set: "movers", heads: ["L0H0", "L0H1"], pairs: 10, pairsWithoutLead: 0 });
    expect(report.clean.answerLogit.value).toBeCloseTo(CLEAN[gate], 4);
  });

  it.each(["NOISING", "DENOISING"] as const)(
    "has the exact single, joint and interaction effects, %s",
    (direction) => {
      const { raw, normalised, singles, pairs, verdict } = view(report, "ZERO", direction, "answer_logit");
      const [a, b, joint, interaction] = EXPECTED[gate][direction];
      const clean = CLEAN[gate];
      expect(singles[0]!.value).toBeCloseTo(a * clean, 4);
      expect(singles[1]!.value).toBeCloseTo(b * clean, 4);
      expect(raw.joint.value).toBeCloseTo(joint * clean, 4);
      expect(raw.interaction.value).toBeCloseTo(interaction * clean, 4);
      expect(normalised.sum.value).toBeCloseTo(a + b, 5);
      expect(normalised.interaction.value).toBeCloseTo(interaction, 5);
      expect(pairs).toHaveLength(1);
      expect(pairs[0]!.heads).toEqual([0, 1]);
      expect(pairs[0]!.interaction.value).toBeCloseTo(interaction * clean, 4);
      // The sign of an interaction says AND in one direction and OR in the other.
      expect(verdict).toBe(EXPECTED[gate].verdict);
    },
  );
});

describe("an AND gate under subject corruption", async () => {
  const context = await contextOn(await buildS2("AND", { facts: 10 }));
  const report = await jointEffect.run(withMovers(context, ["L0H0", "L0H1"]));

  it("is AND-like for the answer's logit, but adds up in the logit difference, where half the way is lost and half not won", () => {
    for (const direction of ["NOISING", "DENOISING"] as const) {
      const lead = view(report, "CORRUPTED", direction, "logit_diff");
      expect(lead.normalised.sum.value).toBeCloseTo(1, 5);
      expect(lead.normalised.joint.value).toBeCloseTo(1, 5);
      expect(lead.raw.joint.value).toBeCloseTo(6.975, 4);
      expect(lead.verdict).toBe("additive");
      expect(view(report, "CORRUPTED", direction, "answer_logit").verdict).toBe("AND-like");
    }
    const noising = view(report, "CORRUPTED", "NOISING", "answer_logit");
    expect(noising.normalised.interaction.value).toBeCloseTo(-1, 5);
    expect(view(report, "CORRUPTED", "DENOISING", "answer_logit").normalised.interaction.value).toBeCloseTo(
      1,
      5,
    );
  });

  it("restores the clean run when all heads get their clean values back", () => {
    for (const metric of ["logit_diff", "answer_logit"] as const) {
      const [noising, denoising] = (["NOISING", "DENOISING"] as const).map((d) =>
        view(report, "ZERO", d, metric),
      );
      expect(denoising!.raw.joint.value).toBeCloseTo(noising!.raw.joint.value!, 5);
      expect(denoising!.normalised.joint.value).toBeCloseTo(1, 6);
    }
  });
});

describe("the set of heads", async () => {
  const context = await contextOn(await buildModelM({ facts: 8 }));

  it("are the movers of the run", async () => {
    const report = await jointEffect.run(context);
    expect(report).toMatchObject({ set: "movers", heads: ["L0H0", "L1H1"] });
    // Mover .9 of nothing left to boost: single effects 1 and .29, joint (3.4875 + 3.4875) / 6.975.
    const noising = view(report, "CORRUPTED", "NOISING", "logit_diff");
    expect(noising.normalised.sum.value).toBeCloseTo(1 + 0.2903226, 5);
  });

  it("are the heads of largest effect, and no verdict's, on five facts", async () => {
    const report = await jointEffect.run(await contextOn(await buildModelM()));
    expect(report.set).toBe("top heads");
    expect(report.heads.slice(0, 2)).toEqual(["L0H0", "L1H1"]);
    expect(report.heads).toHaveLength(5);
    expect(jointEffect.figures!(report, { layers: 2, headsPerLayer: 3 }).map(({ id }) => id)).toEqual([
      "joint",
      "interaction",
      "verdicts",
    ]);
    for (const { verdict, reason } of report.views) {
      expect(verdict).toBeNull();
      expect(reason).toMatch(/5 facts \(at least 8 needed/);
    }
  });

  it("is nothing without pairs, with the reason instead of numbers", async () => {
    const measured = context.measured.map((fact) => ({
      ...fact,
      prompts: fact.prompts.map((prompt) => ({ ...prompt, corrupted: null })),
    }));
    const report = await jointEffect.run({ ...context, measured });
    expect(report).toMatchObject({ views: [], pairs: 0, reason: "no prompt has a donor" });
    expect(report.clean.logitDiff).toMatchObject({ value: null, reason: "no prompt has a donor" });
    expect(
      jointEffect.figures!(report, { layers: 2, headsPerLayer: 3 }).map(({ meaning }) => meaning),
    ).toEqual(["no prompt has a donor"]);
  });

  it("takes the first prompts of a fact, as many as the settings say", async () => {
    const two = await contextOn(await buildModelM({ facts: 8, frames: 2 }), { sweepPrompts: 2 });
    expect((await jointEffect.run(two)).pairs).toBe(16);
    expect((await jointEffect.run({ ...two, settings: { ...two.settings, sweepPrompts: 1 } })).pairs).toBe(8);
  });
});

describe("verdicts", () => {
  const at = (low: number, high: number, n = 8) => ({ value: (low + high) / 2, low, high, n });

  it("turn around with the direction", () => {
    expect(judge(at(-1, -0.5), "NOISING").verdict).toBe("AND-like");
    expect(judge(at(0.5, 1), "NOISING").verdict).toBe("OR-like or backup");
    expect(judge(at(0.5, 1), "DENOISING").verdict).toBe("AND-like");
    expect(judge(at(-1, -0.5), "DENOISING").verdict).toBe("OR-like or backup");
  });

  it("are additive only inside +-0.02, and inconclusive where the interval is wide", () => {
    expect(judge(at(-0.02, 0.02), "NOISING").verdict).toBe("additive");
    // Off 0 for sure, but next to nothing.
    expect(judge(at(0.001, 0.01), "NOISING").verdict).toBe("additive");
    expect(judge(at(-0.3, 0.1), "NOISING").verdict).toBe("inconclusive");
  });

  it("are none on too few facts or without an interval", () => {
    expect(judge(at(-1, -0.5, 7), "NOISING").verdict).toBeNull();
    expect(judge({ value: null, low: null, high: null, n: 9, reason: "why" }, "NOISING")).toEqual({
      verdict: null,
      reason: "why",
    });
  });
});

describe("the mass rule", () => {
  const heads = [
    { label: "a", effect: 0.1 },
    { label: "b", effect: -0.5 },
    { label: "c", effect: 0.3 },
    { label: "d", effect: null },
    { label: "e", effect: 0.1 },
  ];

  it("ranks by size, not by sign, and tells reaching a share from staying within it", () => {
    expect(massRule(heads, 0.5)).toEqual({ share: 0.5, reaching: ["b"], within: ["b"] });
    expect(massRule(heads, 0.6)).toEqual({ share: 0.6, reaching: ["b", "c"], within: ["b"] });
    expect(massRule(heads, 0.4)).toEqual({ share: 0.4, reaching: ["b"], within: [] });
    expect(massRule(heads, 1).within).toEqual(["b", "c", "a", "e"]);
    expect(massRule(heads, 1).reaching).toEqual(["b", "c", "a", "e"]);
  });

  it("has no heads where there is no mass, and refuses shares out of range", () => {
    expect(massRule([{ label: "a", effect: 0 }], 0.5)).toEqual({ share: 0.5, reaching: [], within: [] });
    expect(() => massRule(heads, 0)).toThrow(/allowed: above 0 to 1/);
    expect(() => massRule(heads, 1.1)).toThrow(RangeError);
  });
});
