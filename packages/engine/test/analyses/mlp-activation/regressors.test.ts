import { describe, expect, it } from "vitest";
import { completeDesign, layerDesign } from "../../../src/analyses/mlp-activation/regressors.ts";
import { openOracle } from "../../oracles/oracle.ts";

describe.each(["gpt2", "gpt-neox-parallel"])("regressors of MLPs of %s", async (family) => {
  const { session } = await openOracle(family);
  const { facts } = session.spec;
  await session.close();
  const parallel = facts.block === "parallel";
  const layers = Array.from({ length: facts.layers }, (_, layer) => layer).slice(parallel ? 1 : 0);
  const movers = [{ layer: 0, head: 1 }];
  const designs = [
    completeDesign(facts, layers, null),
    completeDesign(facts, layers, layers.at(-1)!),
    ...layers.flatMap((layer) => [
      layerDesign(facts, layer, movers, "raw"),
      layerDesign(facts, layer, movers, "ln"),
    ]),
  ];

  it("never hold what is explained, nor what the MLP does not read", () => {
    for (const { families, labels } of designs)
      for (const { layer, regressors, target } of families.flat()) {
        expect(labels[target]).toBe(`MLP${layer}`);
        expect(regressors).not.toContain(target);
        for (const label of regressors.map((column) => labels[column]!)) {
          const head = /^L(\d+)H/.exec(label);
          if (head) expect(Number(head[1])).toBeLessThanOrEqual(parallel ? layer - 1 : layer);
          const mlp = /^MLP(\d+)$/.exec(label);
          if (mlp) expect(Number(mlp[1])).toBeLessThan(layer);
        }
      }
  });

  it("R4 is everything before: the embedding, heads and MLPs", () => {
    const [design] = designs;
    for (const { layer, set, regressors } of design!.families.flat()) {
      const attentions = parallel ? layer : layer + 1;
      if (set === "R4") expect(regressors).toHaveLength(1 + attentions * facts.heads + layer);
      if (set === "R2") expect(regressors).toHaveLength(attentions * facts.heads);
    }
  });
});
