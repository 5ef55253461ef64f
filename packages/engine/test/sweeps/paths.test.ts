import { afterAll, describe, expect, it } from "vitest";
import { hookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import { openInstruments } from "../../src/session/model-instruments.ts";
import type { SweepOptions } from "../../src/sweeps/index.ts";
import type { Receiver } from "../../src/sweeps/path-patching/paths.ts";
import { openOracle, PLAIN } from "../oracles/oracle.ts";
import { sweepArrays } from "./run.ts";

describe.each(PLAIN)("sweeps over the paths of %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const { layers, heads, kvHeads, width } = facts;
  const pairs = prompts("clean")
    .slice(0, 2)
    .map((clean, b) => ({ clean, corrupted: prompts("corrupted")[b]!, answer: 3 + b, wrong: 7 + b }));
  afterAll(() => session.close());
  const arrays = (options: Omit<Extract<SweepOptions, { over: "paths" }>, "over">) =>
    sweepArrays(session, pairs, { over: "paths", ...options });
  const final: Receiver[] = [{ kind: "final" }];
  const each = (count: number, receiver: (i: number) => Receiver) =>
    Array.from({ length: count }, (_, i) => receiver(i));

  it.each(["noise", "denoise", "zero"] as const)(
    "to the final residual with all else frozen are direct effects (%s)",
    async (kind) => {
      const instruments = await openInstruments(session);
      const ends = [hookName("hook_resid_post", layers - 1)];
      const capture = [
        ...ends,
        ...each(layers, () => final[0]!).flatMap((_, layer) => [
          hookName("attn.hook_result", layer),
          hookName("hook_mlp_out", layer),
        ]),
      ].map((hook) => ({ hook, positions: "last" as const }));
      for (const senders of ["heads", "mlps"] as const) {
        const { values } = (await arrays({ kind, senders, receivers: final, mlps: "FREEZE" })).get(
          "logit_diff",
        )!;
        for (const [pair, { clean, corrupted, answer, wrong }] of pairs.entries()) {
          const runs = await execute(session, [
            { tokens: clean, capture },
            { tokens: corrupted, capture },
          ]);
          const [own, other] = kind === "denoise" ? [runs[1]!, runs[0]!] : [runs[0]!, runs[1]!];
          const perLayer = senders === "heads" ? heads : 1;
          for (let place = 0; place < layers * perLayer; place++) {
            const [layer, head] = [Math.floor(place / perLayer), place % perLayer];
            const hook = hookName(senders === "heads" ? "attn.hook_result" : "hook_mlp_out", layer);
            const [before, after] = [own, other].map(({ captures }) =>
              captures.get(hook)!.subarray(head * width, (head + 1) * width),
            );
            const state = own.captures
              .get(ends[0]!)!
              .map((value, i) => value - before![i]! + (kind === "zero" ? 0 : after![i]!));
            const { logit } = await instruments.read(instruments.normalise(state), [[answer, wrong]], 0);
            expect(Math.abs(values[place * 2 + pair]! - (logit[0]! - logit[1]!))).toBeLessThan(1e-4);
          }
        }
      }
    },
  );

  it("to every receiver with MLPs frozen are activation patching of the sender", async () => {
    const receivers = [
      ...final,
      ...each(layers, () => final[0]!).flatMap((_, layer): Receiver[] => [
        { kind: "mlp", layer },
        ...each(heads, (head) => ({ kind: "q", layer, head })),
        ...each(kvHeads, (head) => ({ kind: "k", layer, head })),
        ...each(kvHeads, (head) => ({ kind: "v", layer, head })),
      ]),
    ];
    const sent = await arrays({ kind: "noise", senders: "heads", receivers, mlps: "FREEZE" });
    const patched = await sweepArrays(session, pairs, { over: "heads", kind: "noise", position: "last" });
    for (const [i, value] of patched.get("logit_diff")!.values.entries())
      expect(Math.abs(sent.get("logit_diff")!.values[i]! - value)).toBeLessThan(1e-5);
  });

  it("from a sender at or after all receivers have no effect, exactly; recomputed MLPs change what others have", async () => {
    const receivers: Receiver[] = [{ kind: "q", layer: 1, head: 0 }];
    const options = { kind: "noise", senders: "heads", receivers } as const;
    const recomputed = await arrays({ ...options, mlps: "RECOMPUTE" });
    const frozen = (await arrays({ ...options, mlps: "FREEZE" })).get("logit_diff")!.values;
    const clean = recomputed.get("logit_diff_clean")!.values;
    const { values } = recomputed.get("logit_diff")!;
    let moved = 0;
    for (const [i, value] of values.entries()) {
      if (i >= heads * 2) expect(value).toBe(clean[i % 2]);
      else moved = Math.max(moved, Math.abs(value - frozen[i]!));
    }
    expect(moved).toBeGreaterThan(1e-7);
    const direct = (await arrays({ kind: "noise", senders: "heads", receivers: final, mlps: "FREEZE" })).get(
      "logit_diff",
    )!;
    const through = (
      await arrays({ kind: "noise", senders: "heads", receivers: final, mlps: "RECOMPUTE" })
    ).get("logit_diff")!;
    const differ = direct.values.map((value, i) => Math.abs(value - through.values[i]!));
    expect(Math.max(...differ)).toBeGreaterThan(1e-5);
  });
});
