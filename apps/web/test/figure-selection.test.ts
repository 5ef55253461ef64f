import { describe, expect, it } from "vitest";
import { markOfTip, readMark } from "../src/state/mark.ts";
import {
  clearHeads,
  clickHead,
  pinHead,
  readHeads,
  toggleHead,
  writeHeads,
} from "../src/state/selected-heads.ts";

const after = (text: string, change: (heads: ReturnType<typeof readHeads>) => ReturnType<typeof readHeads>) =>
  writeHeads(change(readHeads(text)));

describe("chosen heads in the address", () => {
  it("are read as people write them; what is no head, and what stands twice, is left out", () => {
    expect(readHeads("L9H8,10.7*,a3.h1,nonsense,9.8")).toEqual([
      { label: "L9H8", pinned: false },
      { label: "L10H7", pinned: true },
      { label: "L3H1", pinned: false },
    ]);
    expect(readHeads("")).toEqual([]);
    expect(writeHeads(readHeads("L9H8,L10H7*"))).toBe("L9H8,L10H7*");
  });

  it("a click replaces what is not pinned, makes a chosen head the primary one, and lets go of the primary one", () => {
    expect(after("", (heads) => clickHead(heads, "L1H1"))).toBe("L1H1");
    expect(after("L1H1,L2H2,L3H3*", (heads) => clickHead(heads, "L4H4"))).toBe("L4H4,L3H3*");
    expect(after("L1H1,L2H2,L3H3*", (heads) => clickHead(heads, "L2H2"))).toBe("L2H2,L1H1,L3H3*");
    expect(after("L1H1,L3H3*", (heads) => clickHead(heads, "L1H1"))).toBe("L3H3*");
    expect(after("L3H3*,L1H1", (heads) => clickHead(heads, "L3H3"))).toBe("L3H3*");
  });

  it("Shift adds behind the others and takes away", () => {
    expect(after("L1H1", (heads) => toggleHead(heads, "L2H2"))).toBe("L1H1,L2H2");
    expect(after("L1H1,L2H2", (heads) => toggleHead(heads, "L1H1"))).toBe("L2H2");
  });

  it("a pin keeps a head over clicks and over the first clearing", () => {
    expect(after("L1H1", (heads) => pinHead(heads, "L1H1"))).toBe("L1H1*");
    expect(after("L1H1*", (heads) => pinHead(heads, "L1H1"))).toBe("L1H1");
    expect(after("L1H1", (heads) => pinHead(heads, "L5H0"))).toBe("L1H1,L5H0*");
    expect(after("L1H1,L2H2*", clearHeads)).toBe("L2H2*");
    expect(after("L2H2*", clearHeads)).toBe("");
  });
});

describe("marks", () => {
  it("name heads, layers and prompts", () => {
    expect(readMark("L9H8")).toEqual({ kind: "head", label: "L9H8" });
    expect(readMark("L9")).toEqual({ kind: "layer", layer: 9 });
    expect(readMark("#12")).toEqual({ kind: "prompt", prompt: 12 });
    expect([readMark("L9H"), readMark("embed"), readMark("#x")]).toEqual([null, null, null]);
  });

  it("are read from a tooltip's first words", () => {
    expect(markOfTip("L9H8: effect\nvalue\t0.1")).toBe("L9H8");
    expect(markOfTip("MLP11\nvalue\t0.1")).toBe("L11");
    expect(markOfTip("L9.attn_bias\nvalue\t0.1")).toBeNull();
    expect(markOfTip("a token")).toBeNull();
  });
});
