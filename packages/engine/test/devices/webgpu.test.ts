import { describe } from "vitest";
import { testAgainstOracle } from "../oracles/against-oracle.ts";
import { FAMILIES, openOracle, WINDOWED } from "../oracles/oracle.ts";
import { testAgainstCpu } from "./against-cpu.ts";
import { whyNoSwiftShader } from "./swiftshader.ts";

/** Each architecture once, and norms on the stream itself; `npm run test:devices` takes every folder. */
const REPRESENTATIVE = [
  "gpt2",
  "opt",
  "opt-post-norm",
  "llama",
  "mistral",
  "qwen2-tied",
  "qwen3",
  "gpt-neox-parallel",
  "gemma2",
];
const ALL = process.env.RECALLSCOPE_TEST_DEVICES === "all";
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
    testAgainstCpu(family, await openOracle(family), TOLERANCE);
  });
});
