import { afterAll, describe, expect, it } from "vitest";
import { parseHookName } from "../../src/hooks/hook-points.ts";
import { seededRandom } from "../../src/math/random.ts";
import { packBatches } from "../../src/planner/batches.ts";
import { execute } from "../../src/planner/execute.ts";
import type { ForwardPass, PassResult } from "../../src/planner/forward-pass.ts";
import { rowCosts } from "../../src/planner/memory.ts";
import { linkSequences } from "../../src/planner/sequences.ts";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, openOracle, oracleFolder } from "../oracles/oracle.ts";
import { editablePoints, randomPlan } from "../support/random-plan.ts";
import { captured, ReferenceTransformer } from "../support/reference-transformer.ts";

const TOLERANCE = 1e-4;
const PASSES = 60;
/** Of each prompt, how much is a base. */
const LENGTHS = [1, 0.6, 1, 1, 0.6, 0.75];

describe.each(FAMILIES)("random plans on %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const reference = await ReferenceTransformer.open(oracleFolder(family));
  afterAll(() => session.close());

  const bases = [...prompts("clean"), ...prompts("corrupted")].map((tokens, i) =>
    tokens.slice(0, Math.ceil(tokens.length * LENGTHS[i]!)),
  );
  const unedited = bases.map((tokens): ForwardPass => ({ tokens, logits: "last" }));
  const plan = [...unedited, ...randomPlan(bases, facts, seededRandom(`plans of ${family}`), PASSES)];
  const expected = reference.run(plan);

  const compare = (result: PassResult, index: number) => {
    const pass = plan[index]!;
    const run = expected[index]!;
    const what = () => `pass ${index}: ${JSON.stringify({ edits: pass.edits, knockouts: pass.knockouts })}`;
    const logits = pass.logits === "all" ? run.logits : run.logits.slice(-facts.vocabulary);
    expect(distance(result.logits!, logits), `logits of ${what()}`).toBeLessThan(TOLERANCE);
    const last = run.logits.slice(-facts.vocabulary);
    if (pass.query) {
      const queried = pass.query.tokens.map((token) => last[token]!);
      expect(distance(result.queried!, queried), `query of ${what()}`).toBeLessThan(TOLERANCE);
    }
    for (const { hook, positions } of pass.capture ?? []) {
      const error = distance(result.captures.get(hook)!, captured(run, hook, positions));
      expect(error, `${hook} (${positions}) of ${what()}`).toBeLessThan(TOLERANCE);
    }
  };

  it("edit every editable point, with and without heads and positions, and knock keys out", () => {
    const edits = plan.flatMap((pass) => pass.edits ?? []);
    for (const point of editablePoints(facts)) {
      expect(edits.filter(({ hook }) => parseHookName(hook).point === point).length, point).toBeGreaterThan(
        3,
      );
    }
    expect(plan.filter((pass) => pass.knockouts && !pass.edits).length).toBeGreaterThan(0);
    expect(plan.filter((pass) => pass.knockouts && pass.edits).length).toBeGreaterThan(3);
  });

  it("come out as the plain forward pass computes them, all together", async () => {
    for (const [index, result] of (await execute(session, plan)).entries()) compare(result, index);
  });

  it("come out the same one by one, without neighbours to share a call with", async () => {
    for (let index = bases.length; index < plan.length; index += 4) {
      compare((await execute(session, [...unedited, plan[index]!])).at(-1)!, index);
    }
  });

  it("come out the same in small batches and in another order", async () => {
    const order = plan
      .map((_, i) => i)
      .slice(bases.length)
      .reverse();
    const progress: number[] = [];
    const passes = [...unedited, ...order.map((i) => plan[i]!)];
    const results = await execute(session, passes, {
      maxMemory: 40 * rowCosts(facts).base,
      onProgress: (n) => progress.push(n),
    });
    expect(progress.length).toBeGreaterThan(10);
    expect(progress.at(-1)).toBe(plan.length);
    expect(progress.every((n, i) => i === 0 || n >= progress[i - 1]!)).toBe(true);
    for (const index of bases.keys()) compare(results[index]!, index);
    for (const [i, index] of order.entries()) compare(results[bases.length + i]!, index);
  });

  it("are packed into batches no larger than asked although their sources tie them all together", () => {
    const sequences = linkSequences(plan, facts);
    const variants = sequences.filter((s) => s.base);
    const costs = { base: 1, variant: 1 };
    const whole = packBatches(sequences, Number.POSITIVE_INFINITY, costs);
    const most = 5 * bases[0]!.length;
    const batches = packBatches(sequences, most, costs);
    expect(whole).toHaveLength(1);
    expect(batches.length).toBeGreaterThan(3);
    for (const { bases: own, variants, baseRows, variantRows } of batches) {
      if (variants.length > 1) expect(baseRows + variantRows).toBeLessThanOrEqual(most);
      for (const s of variants) expect(own).toContain(s.base);
    }
    expect(batches.flatMap((b) => b.variants)).toHaveLength(variants.length);
    const asked = batches.flatMap((b) => b.bases).filter((s) => s.pass.logits || s.captures.size > 0);
    const once = sequences.filter((s) => !s.base && (s.pass.logits || s.captures.size > 0));
    expect(asked.map(({ index }) => index).sort()).toEqual(once.map(({ index }) => index).sort());
  });
});
