import { describe, expect, it } from "vitest";
import { readTensor } from "../../../src/checkpoints/read-tensor.ts";
import { openInstruments } from "../../../src/session/model-instruments.ts";
import { FAMILIES, openOracle } from "../../oracles/oracle.ts";

describe.each(FAMILIES)("the noise's yardstick in %s", async (family) => {
  const { session } = await openOracle(family);

  it("is the deviation of the token embedding's entries, not of its rows or of the unembedding", async () => {
    const instruments = await openInstruments(session);
    const table = await readTensor(session.tensor(session.spec.embedding.token));
    const mean = table.reduce((sum, x) => sum + x, 0) / table.length;
    const variance = table.reduce((sum, x) => sum + (x - mean) ** 2, 0) / table.length;
    expect(await instruments.embeddingDeviation()).toBeCloseTo(
      Math.sqrt(variance) * (session.spec.embedding.scale ?? 1),
      6,
    );
    await session.close();
  });
});
