import { describe } from "vitest";
import { relativeError } from "../../../src/runner/relative-error.ts";
import { testAgainstOracle } from "../../oracles/against-oracle.ts";
import { FAMILIES, openOracle } from "../../oracles/oracle.ts";
import { type Limits, testAgainstCpu } from "../against-cpu.ts";
import { ALL, REPRESENTATIVE } from "../families.ts";
import { whyNoLavapipe } from "./lavapipe.ts";

/** Of numbers that are each rounded to 11 bits, some dozens of times; `trialLimit` says why gradients are farther off. Logits, and with them the metric, are above 2. */
const HALF: Limits = { precision: "F16", values: 0.03, gradients: 0.1, metric: 0.1, atLeast: 1e-4 };

describe.skipIf(whyNoLavapipe() !== null)("products in float16 on WebGPU", () => {
  describe.each(ALL ? FAMILIES : REPRESENTATIVE)("%s against Hugging Face transformers", async (family) => {
    const oracle = await openOracle(family, { device: "webgpu", precision: "F16" });
    testAgainstOracle(oracle, HALF.values, relativeError);
  });

  describe.each(ALL ? FAMILIES : REPRESENTATIVE)("%s against the CPU", async (family) => {
    testAgainstCpu(family, await openOracle(family), HALF);
  });
});
