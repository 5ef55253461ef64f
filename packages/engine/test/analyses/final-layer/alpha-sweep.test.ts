import { afterAll, describe, expect, it } from "vitest";
import {
  type Change,
  changedResidual,
  changedRows,
  type SweepRow,
} from "../../../src/analyses/final-layer/alpha-sweep.ts";
import { finalResidual, lastLayerPass, lastLayerRows } from "../../../src/analyses/final-layer/last-layer.ts";
import { hookName } from "../../../src/hooks/hook-points.ts";
import { execute } from "../../../src/planner/execute.ts";
import type { Edit } from "../../../src/planner/forward-pass.ts";
import { openInstruments } from "../../../src/session/model-instruments.ts";
import { distance } from "../../oracles/distance.ts";
import { openOracle, PLAIN } from "../../oracles/oracle.ts";
import { referenceInstruments } from "../reference-instruments.ts";

describe.each(PLAIN)("scaling parts of the last layer of %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const { layers, width, vocabulary } = facts;
  const instruments = await openInstruments(session);
  const tokens = prompts("clean")[0]!;
  const z = hookName("attn.hook_z", layers - 1);
  const mlp = hookName("hook_mlp_out", layers - 1);
  afterAll(() => session.close());

  const unit = Float64Array.from({ length: width }, (_, d) => (d === 3 ? 0.6 : d === 7 ? 0.8 : 0));
  const [result] = await execute(session, [lastLayerPass(tokens, facts, "all")]);
  const rows = lastLayerRows(result!, facts).map((row, i): SweepRow => {
    const suppressors = row.heads.slice(width, 2 * width);
    return { ...row, answer: i, suppressors };
  });
  const logitsOf = async (change: Change): Promise<Float32Array> => {
    const out = new Float32Array(rows.length * vocabulary);
    await instruments.visitLogits(changedRows(rows, { instruments, model: facts }, change), (row, logits) =>
      out.set(logits, row * vocabulary),
    );
    return out;
  };
  const forward = async (edits: Edit[]): Promise<Float32Array> =>
    (await execute(session, [{ tokens, edits, logits: "all" }]))[0]!.logits!;

  it.each<[string, Change, Edit[]]>([
    ["nothing", { target: "JOINT", alpha: 1 }, []],
    ["all heads, not the attention's bias", { target: "HEADS", alpha: 0.5 }, [{ hook: z, scale: 0.5 }]],
    ["zero ablation of heads", { target: "HEADS", alpha: 0 }, [{ hook: z, scale: 0 }]],
    ["the MLP as it was computed", { target: "MLP", alpha: 1.5 }, [{ hook: mlp, scale: 1.5 }]],
  ])("is a forward pass with %s", async (_, change, edits) => {
    // Scaled heads change what the MLP reads: it is held as it was, so that only what is named is scaled.
    const held = edits.some(({ hook }) => hook === z)
      ? rows.map((row, position): Edit => ({ hook: mlp, position, scale: 0, value: row.mlp.slice() }))
      : [];
    expect(distance(await logitsOf(change), await forward([...edits, ...held]))).toBeLessThan(1e-4);
  });

  it("is a forward pass with one head scaled, when that head is the suppressor", async () => {
    const held = rows.map(
      (row, position): Edit => ({ hook: mlp, position, scale: 0, value: row.mlp.slice() }),
    );
    const expected = await forward([{ hook: z, head: 1, scale: 0.3 }, ...held]);
    expect(distance(await logitsOf({ target: "SUPPRESSORS", alpha: 0.3 }), expected)).toBeLessThan(1e-4);
  });

  it("projects a direction out of the MLP's output, and only that", async () => {
    const out = new Float32Array(width);
    for (const row of rows) {
      changedResidual(row, { target: "PROJECT_OUT", alpha: 0.25, direction: unit }, out);
      const along = 0.6 * row.mlp[3]! + 0.8 * row.mlp[7]!;
      const final = finalResidual(row);
      for (let d = 0; d < width; d++) expect(out[d]).toBeCloseTo(final[d]! - 0.75 * along * unit[d]!, 4);
    }
  });
});

describe("F9: a last head that writes -k times the answer's direction, under an RMS norm", () => {
  const [width, k] = [4, 2];
  // Orthogonal unembedding rows; the stream has other parts, so that the scale depends on s.
  const instruments = referenceInstruments({
    width,
    vocabulary: width,
    norm: "rms",
    epsilon: 0,
    gain: new Float64Array(width).fill(1),
    bias: null,
    unembedding: Float64Array.from({ length: width * width }, (_, i) => (i % (width + 1) === 0 ? 1 : 0)),
    output: () => ({ heads: 1, headWidth: 1, values: [] }),
  });
  const head = Float32Array.of(-k, 0, 0, 0);
  const row: SweepRow = {
    answer: 0,
    pre: Float32Array.of(3, 1, 0, 2),
    attention: head,
    bias: new Float32Array(width),
    mlp: Float32Array.of(0, 0.5, 0, 0),
  };
  const read = async (alpha: number, scales?: number[]) => {
    const out = new Float32Array(width);
    changedResidual(row, { target: "HEADS", alpha }, out);
    const { logit, logSumExp } = await instruments.read(instruments.normalise(out, scales), [[0, 2]], 1);
    return { difference: logit[0]! - logit[1]!, p: Math.exp(logit[0]! - logSumExp[0]!) };
  };
  const steps = Array.from({ length: 9 }, (_, i) => i / 4);

  it("moves the logit difference in a line of slope -k / sigma while the scale is frozen, and no line otherwise", async () => {
    const sigma = instruments.scales(finalResidual(row))[0]!;
    const frozen = await Promise.all(steps.map((s) => read(s, [sigma])));
    const own = await Promise.all(steps.map((s) => read(s)));
    for (const [i, s] of steps.entries()) {
      expect(frozen[i]!.difference).toBeCloseTo((3 - k * s) / sigma, 5);
      if (i > 0) expect(frozen[i]!.p).toBeLessThan(frozen[i - 1]!.p);
    }
    const bends = own
      .slice(2)
      .map((_, i) => own[i]!.difference - 2 * own[i + 1]!.difference + own[i + 2]!.difference);
    expect(Math.max(...bends.map(Math.abs))).toBeGreaterThan(0.01);
    expect(own[4]!.difference).toBeCloseTo(frozen[4]!.difference, 5);
    // s = 0 is zero ablation, with the scale of what is left.
    expect(own[0]!.difference).toBeCloseTo(3 / Math.sqrt((9 + 2.25 + 4) / 4), 5);
  });
});
