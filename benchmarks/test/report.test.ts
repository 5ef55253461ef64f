import { describe, expect, it } from "vitest";
import { page } from "../src/report/markdown.ts";
import { type BenchReport, type RowReport, SCHEMA, type SideReport } from "../src/report/report.ts";
import { ratios, verdicts } from "../src/report/verdicts.ts";
import type { SideKind, SideName } from "../src/runner/sides.ts";

const side = (name: SideName, kind: SideKind, medianMs: number, gflop: number): SideReport => ({
  side: name,
  label: name,
  kind,
  part: null,
  ms: [medianMs],
  medianMs,
  minMs: medianMs,
  peakMb: 500,
  peakProcessMb: 900,
  gflop,
  gflopPerSecond: (1000 * gflop) / medianMs,
  agreement: null,
});

const sides = [
  side("ours", "ours", 100, 20),
  side("tl3", "library", 3000, 400),
  side("tl3-resume", "hand-written", 2000, 300),
  side("torch-resume", "floor", 1000, 300),
  side("torch-rows", "same-algorithm", 80, 20),
];
const row: RowReport = {
  id: "head-sweep",
  title: "Sweep",
  what: "all",
  sides,
  ratios: ratios(sides),
  verdicts: [],
};
const report: BenchReport = {
  schema: SCHEMA,
  date: "2026-01-02T03:04:05.000Z",
  quick: false,
  threads: 2,
  rounds: 1,
  machine: { cpu: "a cpu", cores: 2, memoryGb: 8, system: "Linux" },
  versions: { torch: "2" },
  peak: { size: 8, gflops: { onnxruntime: 200, torch: 250 } },
  rows: [row],
};

describe("verdicts", () => {
  it("hold the fastest of the peers a target speaks of against it, not the floor", () => {
    const [fastest, named] = verdicts(
      row,
      [
        { kind: "times-faster", atLeast: 25 },
        { kind: "times-faster", atLeast: 25, than: "tl3" },
      ],
      report,
    );
    expect(fastest).toMatchObject({ value: 20, met: false });
    expect(named).toMatchObject({ value: 30, met: true });
  });

  it("read memory of the whole process and the share of the best product", () => {
    const [memory, share] = verdicts(
      row,
      [
        { kind: "memory-mb", atMost: 800 },
        { kind: "share-of-peak", atLeast: 0.75 },
      ],
      report,
    );
    expect(memory).toMatchObject({ value: 900, met: false });
    expect(share).toMatchObject({ value: 0.8, met: true });
  });

  it("say when nothing was measured that could tell", () => {
    const alone = { ...row, sides: sides.slice(0, 1), ratios: [] };
    expect(verdicts(alone, [{ kind: "times-faster", atLeast: 25 }], report)[0]).toMatchObject({
      value: null,
      met: null,
    });
  });
});

describe("the page", () => {
  it("splits a ratio into algorithm and runtime, whose product it is", () => {
    const text = page({ ...report, rows: [row] }, new Map([["head-sweep", "A note."]]));
    expect(text).toContain("| Sweep | tl3-resume | 20.0 x | 15.0 x | 1.33 x |");
    expect(text).toContain("A note.");
    expect(text).toContain("0.80 (head-sweep)");
  });
});
