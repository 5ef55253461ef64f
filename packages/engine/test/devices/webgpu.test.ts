import { describe } from "vitest";
import { testAgainstOracle } from "../oracles/against-oracle.ts";
import { FAMILIES, openOracle, WINDOWED } from "../oracles/oracle.ts";
import { testAgainstCpu } from "./against-cpu.ts";
import { ALL, REPRESENTATIVE } from "./families.ts";
import { whyNoSwiftShader } from "./swiftshader.ts";

const TOLERANCE = 1e-3;

// One file, hence one process: programs that were compiled for one model serve the next.
describe.skipIf(whyNoSwiftShader() !== null)("on WebGPU", () => {
  describe.each(ALL ? [...FAMILIES, ...WINDOWED] : REPRESENTATIVE)(
    "%s against Hugging Face transformers",
    async (family) => {
      testAgainstOracle(await openOracle(family, { device: "webgpu" }), TOLERANCE);
    },
  );

  describe.each(ALL ? FAMILIES : REPRESENTATIVE)("%s against the CPU", async (family) => {
    testAgainstCpu(family, await openOracle(family));
  });
});
