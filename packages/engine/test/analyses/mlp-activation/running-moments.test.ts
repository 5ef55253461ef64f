import { expect, it } from "vitest";
import { factMoments } from "../../../src/analyses/mlp-activation/moments.ts";
import { RunningMoments } from "../../../src/analyses/mlp-activation/running-moments.ts";
import { collinearGroups, groupTotal } from "../../../src/math/collinear-groups.ts";
import { spectrumOf } from "../../../src/math/least-squares.ts";
import { referenceInstruments } from "../reference-instruments.ts";
import { normals } from "./made-run.ts";

const width = 4;
const instruments = referenceInstruments({
  ...{ width, vocabulary: 1, norm: "none", epsilon: 0, gain: [], bias: null },
  unembedding: new Float64Array(width),
  output: () => ({ heads: 0, headWidth: 0, values: [] }),
});

it("gives prompts one by one the moments that they have together, about their mean and not about the first", async () => {
  const normal = normals("running");
  const prompts = Array.from({ length: 7 }, () =>
    Float32Array.from({ length: 3 * width }, (_, i) => 5 * i + normal()),
  );
  const running = new RunningMoments(width, instruments);
  for (const prompt of prompts) await running.add(prompt);
  const [one, all] = [await running.moments(), await factMoments(prompts, width, instruments)];
  expect(one.prompts).toBe(7);
  for (const [i, value] of all.within.entries()) expect(one.within[i]).toBeCloseTo(value, 3);
  for (const [i, value] of all.mean.entries()) expect(one.mean[i]).toBeCloseTo(value, 4);
});

it("groups regressors that only a sum tells apart, and knows where there is no one sum", () => {
  const normal = normals("groups");
  const rows = Array.from({ length: 40 }, () => {
    const [a, b, c, d] = [normal(), normal(), normal(), normal()];
    // x2 = 2 x0; x5 = x3 + x4; x1 stands alone.
    return [a, b, 2 * a, c, d, c + d, normal()];
  });
  const columns = 7;
  const values = Float64Array.from({ length: columns ** 2 }, (_, i) =>
    rows.reduce((sum, row) => sum + row[Math.floor(i / columns)]! * row[i % columns]!, 0),
  );
  const spectrum = spectrumOf({ columns, values }, [0, 1, 2, 3, 4, 5]);
  expect(collinearGroups(spectrum)).toEqual([
    [0, 2],
    [3, 4, 5],
  ]);
  expect(groupTotal(spectrum, [0, 2], [0.5, 9, 0.25, 0, 0, 0])).toBeCloseTo(1, 9);
  expect(groupTotal(spectrum, [3, 4, 5], [0, 0, 0, 1, 1, 1])).toBeNull();
  expect(collinearGroups(spectrumOf({ columns, values }, [0, 1, 3, 4]))).toEqual([]);
});
