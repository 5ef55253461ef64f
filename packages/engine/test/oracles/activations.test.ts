import { describe } from "vitest";
import { testAgainstOracle } from "./against-oracle.ts";
import { FAMILIES, openOracle, tolerance, WINDOWED } from "./oracle.ts";

describe.each([...FAMILIES, ...WINDOWED])("%s against Hugging Face transformers", async (family) => {
  testAgainstOracle(await openOracle(family), tolerance(family));
});
