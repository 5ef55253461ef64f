import { afterAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/math/random.ts";
import { execute } from "../../src/planner/execute.ts";
import { draw, sampleSequences } from "../../src/sampling/sampler.ts";
import { FAMILIES, openOracle } from "../oracles/oracle.ts";

const START = 1;

describe.each(FAMILIES)("samples of %s", async (family) => {
  const { session } = await openOracle(family);
  const { vocabulary } = session.spec.facts;
  afterAll(() => session.close());

  const softmax = (logits: Float32Array): Float64Array => {
    const largest = Math.max(...logits);
    const weights = Float64Array.from(logits, (x) => Math.exp(x - largest));
    const total = weights.reduce((a, b) => a + b);
    return weights.map((x) => x / total);
  };
  /** The model's distribution after each of some equally long sequences, by whole forward passes. */
  const after = async (sequences: readonly number[][]): Promise<Float64Array[]> =>
    (
      await execute(
        session,
        sequences.map((tokens) => ({ tokens, logits: "last" })),
      )
    ).map(({ logits }) => softmax(logits!));

  it("come from the distributions of plain forward passes, though keys and values are kept", async () => {
    const seen = new Map<string, Float64Array>();
    const options = { start: START, sequences: 5, length: 7, seed: family };
    const tokens = await sampleSequences(session, options, (sequence, step, p) =>
      seen.set(`${sequence} ${step}`, p.slice()),
    );
    expect(seen.size).toBe(35);
    for (let step = 0; step < options.length; step++) {
      const plain = await after(tokens.map((own) => [START, ...own.slice(0, step)]));
      for (const [sequence, expected] of plain.entries()) {
        const own = seen.get(`${sequence} ${step}`)!;
        for (let v = 0; v < vocabulary; v++)
          expect(Math.abs(own[v]! - expected[v]!), `step ${step} of ${sequence}`).toBeLessThan(1e-5);
      }
    }
  });

  it("have the model's own marginal, not that of its likeliest continuation", async () => {
    // Every sequence of two tokens, in the order of the vocabulary.
    const [first] = (await after([[START]])) as [Float64Array];
    const second = await after(Array.from({ length: vocabulary }, (_, a) => [START, a]));
    const exact = Float64Array.from({ length: vocabulary }, (_, v) =>
      second.reduce((sum, row, a) => sum + first[a]! * row[v]!, 0),
    );
    const n = 4000;
    const [sums, squares] = [new Float64Array(vocabulary), new Float64Array(vocabulary)];
    const counts = [new Float64Array(vocabulary), new Float64Array(vocabulary)];
    const tokens = await sampleSequences(
      session,
      { start: START, sequences: n, length: 2, seed: family },
      (_, step, p) => {
        if (step !== 1) return;
        for (let v = 0; v < vocabulary; v++) {
          sums[v]! += p[v]!;
          squares[v]! += p[v]! ** 2;
        }
      },
    );
    for (const own of tokens) for (const [step, token] of own.entries()) counts[step]![token]!++;
    for (let v = 0; v < vocabulary; v++) {
      // A rare first token may not be drawn at all, or once.
      const mean = sums[v]! / n;
      const error = Math.sqrt(Math.max(0, squares[v]! / n - mean ** 2) / n);
      expect(Math.abs(mean - exact[v]!), `mean distribution at ${v}`).toBeLessThan(5 * error + 2 / n);
      for (const [step, p] of [first, exact].entries()) {
        const spread = Math.sqrt((p[v]! * (1 - p[v]!)) / n);
        expect(Math.abs(counts[step]![v]! / n - p[v]!), `tokens drawn at ${step}`).toBeLessThan(
          5 * spread + 1 / n,
        );
      }
    }
    const greedy = second[first.indexOf(Math.max(...first))]!;
    const far = Math.max(...greedy.map((p, v) => Math.abs(p - exact[v]!)));
    expect(far, "the greedy guess must be told apart").toBeGreaterThan(1e-3);
  });

  it("are the same for the same seed, whatever else is sampled, and differ for another", async () => {
    const of = (seed: string, sequences: number) =>
      sampleSequences(session, { start: START, sequences, length: 6, seed }, () => {});
    const five = await of("a", 5);
    expect(await of("a", 5)).toEqual(five);
    expect((await of("a", 8)).slice(0, 5)).toEqual(five);
    // Some models are all but certain of what follows.
    const [first] = (await after([[START]])) as [Float64Array];
    const open = Math.max(...first) < 0.5;
    if (["gpt2", "llama", "opt"].includes(family)) expect(open).toBe(true);
    if (!open) return;
    expect(await of("b", 5)).not.toEqual(five);
    expect(new Set(five.map(String)).size).toBe(5);
  });

  it("stop where the caller says, and within the model's positions", async () => {
    let steps = 0;
    const stop = sampleSequences(
      session,
      {
        start: START,
        sequences: 2,
        length: 6,
        seed: 1,
        checkpoint: async (step) => {
          if (step === 3) throw new Error("enough");
        },
      },
      () => {
        steps++;
      },
    );
    await expect(stop).rejects.toThrow("enough");
    expect(steps).toBe(6);
    const long = { start: START, sequences: 1, length: session.spec.facts.positions + 1, seed: 1 };
    await expect(sampleSequences(session, long, () => {})).rejects.toThrow(/length: .*allowed: 1 to/);
  });
});

describe("drawing a token", () => {
  it("never takes one of probability 0", () => {
    expect(draw([0, 1, 0], 0)).toBe(1);
    expect(draw([0, 0.5, 0.5 - 1e-12, 0], 1 - 1e-15)).toBe(2);
  });

  it("takes each as often as its probability says", () => {
    const random = seededRandom("draw");
    const counts = [0, 0, 0];
    for (let i = 0; i < 10_000; i++) counts[draw([0.2, 0.5, 0.3], random())]!++;
    for (const [v, p] of [0.2, 0.5, 0.3].entries()) expect(counts[v]! / 10_000).toBeCloseTo(p, 1.5);
  });
});
