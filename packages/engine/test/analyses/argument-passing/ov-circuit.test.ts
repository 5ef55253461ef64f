import { describe, expect, it } from "vitest";
import { ovCircuit } from "../../../src/analyses/argument-passing/ov-circuit.ts";
import { ovOutputs, ovPasses } from "../../../src/analyses/argument-passing/ov-outputs.ts";
import type { LinearSpec, NormSpec } from "../../../src/architectures/architecture.ts";
import { readTensor } from "../../../src/checkpoints/read-tensor.ts";
import { seededRandom } from "../../../src/math/random.ts";
import { execute } from "../../../src/planner/execute.ts";
import { FAMILIES } from "../../oracles/oracle.ts";
import { ans, arg, buildModelM, FLAG, idleHead, sub } from "../../synthetic/model-m-folder.ts";
import { contextOn } from "./on-folder.ts";
import { contextOnOracle } from "./on-oracle.ts";

const F = 8;
const range = Array.from({ length: F }, (_, f) => f);

describe("copying by OV circuits", async () => {
  const ov = (to: (f: number) => string, gain: number) => ({
    // Where a head looks must not matter: these look at the relation word.
    key: FLAG.relation,
    ov: range.map((f) => ({ from: sub(f), to: to(f), gain })),
  });
  const model = await buildModelM({
    facts: F,
    change: ([first, last]) => [
      {
        ...first!,
        heads: [
          ...first!.heads,
          ov(arg, -0.1),
          ov((f) => ans(0, f), 0.1),
          ov((f) => ans(0, f), -0.1),
          ov((f) => arg((f + 1) % F), 0.1),
        ],
      },
      { ...last!, heads: [...last!.heads, ...range.slice(0, 4).map(() => idleHead)] },
    ],
  });
  const report = await ovCircuit.run(await contextOn(model));
  const scores = (label: string) => {
    const head = report.heads.find((one) => one.label === label)!;
    const values = (key: "copying" | "negativeCopying" | "transfer") => head[key].map(({ value }) => value);
    return {
      copying: values("copying"),
      negative: values("negativeCopying"),
      transfer: values("transfer"),
      silent: head.silentTokens,
    };
  };

  it("is 1 for the mover, at k = 1 too, and 0 for a head that writes nothing", () => {
    expect(scores("L0H0")).toEqual({ copying: [1, 1], negative: [0, 0], transfer: [0, 0], silent: 0 });
    expect(scores("L0H2")).toEqual({ copying: [0, 0], negative: [0, 0], transfer: [0, 0], silent: F });
  });

  it("is negative for a head that takes away, not for one that writes something else", () => {
    expect(scores("L0H3")).toEqual({ copying: [0, 0], negative: [1, 1], transfer: [0, 0], silent: 0 });
  });

  it("is transfer for a head that writes the answer", () => {
    expect(scores("L0H4")).toEqual({ copying: [0, 0], negative: [0, 0], transfer: [1, 1], silent: 0 });
  });

  it("does not count a token that ties with all others at 0, whatever number of larger logits it has", () => {
    // The answer is taken away: nothing is larger than the subject's 0, and nothing smaller but the answer.
    expect(scores("L0H5")).toEqual({ copying: [0, 0], negative: [0, 0], transfer: [0, 0], silent: 0 });
    expect(scores("L0H6")).toEqual({ copying: [0, 0], negative: [0, 0], transfer: [0, 0], silent: 0 });
  });

  it("marks heads above chance", () => {
    const figures = ovCircuit.figures!(report, { layers: 2, headsPerLayer: 7 });
    expect(figures.map((figure) => figure.kind === "HEADS" && figure.marked)).toEqual([
      ["L0H0"],
      ["L0H4"],
      ["L0H3"],
    ]);
  });

  it("says what chance gives and on what it was measured", () => {
    expect(report).toMatchObject({ context: "start token", ks: [1, 5], tokens: F, pairs: F });
    expect(report.chance).toEqual([1 / (3 * F + 5), 5 / (3 * F + 5)]);
    expect(report.heads[0]!.copying[0]).toMatchObject({ low: 1, high: 1, n: F });
  });
});

it("counts a token that several facts share once, and each of its answers", async () => {
  const context = await contextOn(await buildModelM({ facts: F }));
  const shared = context.facts.map((fact, f) => ({
    ...fact,
    subjectToken: context.facts[f & 6]!.subjectToken,
  }));
  const report = await ovCircuit.run({ ...context, facts: shared });
  expect(report).toMatchObject({ tokens: F / 2, pairs: F });
  expect(report.heads[0]!.copying[0]).toMatchObject({ value: 1, n: F / 2 });
});

describe.each(FAMILIES)("OV outputs of a random %s", async (family) => {
  const { session, context } = await contextOnOracle(family);
  const { facts, norm1, qkv, out, postNorms } = { facts: session.spec.facts, ...session.spec.block(1) };
  const { width, heads, kvHeads, headWidth, norm } = facts;
  const random = seededRandom(family);
  const state = Float32Array.from({ length: width }, () => 4 * random() - 1);
  const [result] = ovOutputs(1, await execute(session, ovPasses(1, [5], [state])));

  it("are ln1(x) W_V W_O without any bias", async () => {
    const matrix = async ({ weight, layout }: LinearSpec) => {
      const tensor = session.tensor(weight);
      const data = await readTensor(tensor);
      const columns = tensor.shape[1]!;
      return (i: number, o: number) =>
        layout === "in_out" ? data[i * columns + o]! : data[o * columns + i]!;
    };
    const normed = async (spec: NormSpec | null, row: Float64Array): Promise<Float64Array> => {
      if (!spec) return row;
      const weight = spec.weight ? await readTensor(session.tensor(spec.weight)) : null;
      const mean = norm.kind === "layernorm" ? row.reduce((a, b) => a + b, 0) / width : 0;
      const scale = Math.sqrt(row.reduce((a, x) => a + (x - mean) ** 2, 0) / width + norm.epsilon);
      return row.map((value, d) => {
        const gain = weight ? weight[d]! + (spec.plusOne ? 1 : 0) : 1;
        return (gain * (value - mean)) / scale;
      });
    };
    const x = await normed(norm1, Float64Array.from(state));
    const v = qkv.kind === "separate" ? await matrix(qkv.v) : await matrix(qkv.all);
    const valueAt = (kv: number, i: number) => {
      if (qkv.kind === "interleaved") return (3 * kv + 2) * headWidth + i;
      return (qkv.kind === "fused" ? (heads + kvHeads) * headWidth : 0) + kv * headWidth + i;
    };
    const o = await matrix(out);
    const outputs: number[] = [];
    for (let head = 0; head < heads; head++) {
      const kv = Math.floor(head / (heads / kvHeads));
      const values = Array.from({ length: headWidth }, (_, i) =>
        x.reduce((sum, value, d) => sum + value * v(d, valueAt(kv, i)), 0),
      );
      for (let d = 0; d < width; d++)
        outputs.push(values.reduce((sum, value, i) => sum + value * o(head * headWidth + i, d), 0));
    }
    // Where what attention writes is normed, all heads share the scale of their sum.
    const sum = Float64Array.from({ length: width }, (_, d) =>
      outputs.reduce((total, value, i) => (i % width === d ? total + value : total), 0),
    );
    const shared = facts.postNorm === "output" ? await normed(postNorms!.attention, sum) : sum;
    for (const [i, value] of outputs.entries()) {
      const share = facts.postNorm === "output" ? (value * shared[i % width]!) / sum[i % width]! : value;
      expect(result![i], `head ${Math.floor(i / width)}, ${i % width}`).toBeCloseTo(share, 4);
    }
  });

  it("give scores between 0 and 1 with the facts as units", async () => {
    const report = await ovCircuit.run(context);
    expect(report.context).toBe("none");
    for (const head of report.heads) {
      for (const [one, five] of [head.copying, head.negativeCopying, head.transfer]) {
        expect(one!.value!).toBeLessThanOrEqual(five!.value!);
        expect(five!.value!).toBeLessThanOrEqual(1);
        expect(five!.n).toBe(8);
      }
    }
  });
});
