import { afterAll, describe, expect, it, vi } from "vitest";
import { hookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import type { ForwardPass, Knockout } from "../../src/planner/forward-pass.ts";
import { distance } from "../oracles/distance.ts";
import { FAMILIES, openOracle } from "../oracles/oracle.ts";

const SUBJECT = [2, 3];
const LAYER = 1;

describe.each(FAMILIES)("attention knockout in %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { layers, heads, kvHeads, headWidth } = session.spec.facts;
  const tokens = prompts("clean")[0]!;
  const { length } = tokens;
  const group = heads / kvHeads;
  const [patternHook, valueHook, zHook] = [
    hookName("attn.hook_pattern", LAYER),
    hookName("attn.hook_v", LAYER),
    hookName("attn.hook_z", LAYER),
  ];
  afterAll(() => session.close());

  /** The last query's pattern with the subject's keys taken out and the rest brought back to a sum of 1, and the z it gives. */
  const byHand = (pattern: Float32Array, values: Float32Array) => {
    const kept = pattern.map((weight, i) => (SUBJECT.includes(i % length) ? 0 : weight));
    const z = new Float64Array(heads * headWidth);
    for (let h = 0; h < heads; h++) {
      const row = kept.subarray(h * length, (h + 1) * length);
      const sum = row.reduce((a, b) => a + b, 0);
      for (let key = 0; key < length; key++) {
        row[key]! /= sum;
        const at = (key * kvHeads + Math.floor(h / group)) * headWidth;
        for (let i = 0; i < headWidth; i++) z[h * headWidth + i]! += row[key]! * values[at + i]!;
      }
    }
    return { pattern: kept, z };
  };

  it.each([
    ["sharing its base's prefix", {}],
    ["computed from the first position on", { logits: "all" as const }],
  ])("gives the plain pattern row renormalised by hand, %s", async (_, whole) => {
    const knockouts: Knockout[] = [{ layer: LAYER, query: -1, keys: SUBJECT }];
    const capture = [patternHook, zHook].map((hook) => ({ hook, positions: "last" as const }));
    const [plain, knocked] = await execute(session, [
      { tokens, capture: [...capture, { hook: valueHook, positions: "all" }] },
      { tokens, knockouts, capture, ...whole },
    ]);
    const expected = byHand(plain!.captures.get(patternHook)!, plain!.captures.get(valueHook)!);
    const pattern = knocked!.captures.get(patternHook)!;
    expect(distance(pattern, expected.pattern)).toBeLessThan(1e-6);
    for (let h = 0; h < heads; h++) for (const key of SUBJECT) expect(pattern[h * length + key]).toBe(0);
    expect(distance(knocked!.captures.get(zHook)!, expected.z)).toBeLessThan(1e-5);
  });

  it("leaves other heads, other queries and other layers' own scores as they are", async () => {
    const at = (layer: number) => hookName("attn.hook_pattern", layer);
    const capture = [0, LAYER].map((layer) => ({ hook: at(layer), positions: "all" as const }));
    const query = Math.min(5, length - 1);
    const [plain, knocked] = await execute(session, [
      { tokens, capture },
      { tokens, knockouts: [{ layer: LAYER, head: 1, query, keys: SUBJECT }], capture },
    ]);
    expect(distance(knocked!.captures.get(at(0))!, plain!.captures.get(at(0))!)).toBeLessThan(1e-6);
    const [before, after] = [plain!.captures.get(at(LAYER))!, knocked!.captures.get(at(LAYER))!];
    for (let row = 0; row < heads * length; row++) {
      const changed = row === length + query;
      const apart = distance(
        after.subarray(row * length, (row + 1) * length),
        before.subarray(row * length, (row + 1) * length),
      );
      if (changed) expect(apart).toBeGreaterThan(1e-3);
      else expect(apart).toBeLessThan(1e-6);
    }
  });

  it("of all heads is the knockout of each head, and two of one row add up", async () => {
    const knockouts: Knockout[][] = [
      [{ layer: LAYER, query: -1, keys: SUBJECT }],
      Array.from({ length: heads }, (_, head) => ({ layer: LAYER, head, query: length - 1, keys: SUBJECT })),
      SUBJECT.map((key) => ({ layer: LAYER, query: -1, keys: [key] })),
      [{ layer: LAYER, query: -1, keys: [SUBJECT[0]!] }],
    ];
    const passes = knockouts.map((own): ForwardPass => ({ tokens, knockouts: own, logits: "last" }));
    const [whole, perHead, perKey, oneKey] = (await execute(session, passes)).map((r) => r.logits!);
    expect(distance(perHead!, whole!)).toBe(0);
    expect(distance(perKey!, whole!)).toBe(0);
    expect(distance(oneKey!, whole!)).toBeGreaterThan(1e-4);
  });

  it("of every earlier key in all layers leaves a query that depends on its own token and position alone", async () => {
    const last = length - 1;
    const keys = Array.from({ length: last }, (_, key) => key);
    const other = tokens.map((token, i) => (i === last ? token : (token + 1) % 90));
    const blind = (own: number[]): ForwardPass => ({
      tokens: own,
      knockouts: Array.from({ length: layers }, (_, layer) => ({ layer, query: -1, keys })),
      logits: "last",
    });
    const [a, b] = (await execute(session, [blind(tokens), blind(other)])).map((r) => r.logits!);
    expect(distance(a!, b!)).toBeLessThan(1e-5);
  });

  it("leaves passes that run beside it on the graph without a mask, with the same numbers", async () => {
    const edit = { hook: hookName("attn.hook_z", layers - 2), head: 0, position: -1, scale: 0 } as const;
    const edited: ForwardPass = { tokens, edits: [edit], logits: "last" };
    const knocked: ForwardPass = { ...edited, knockouts: [{ layer: layers - 1, query: -1, keys: SUBJECT }] };
    const [alone] = await execute(session, [edited]);
    const run = vi.spyOn(session, "runAttention");
    const [, beside] = await execute(session, [knocked, edited, knocked, edited]);
    const rows = (part: string) =>
      run.mock.calls.filter(([name]) => name === part).map(([, , { q }]) => q!.dims[0]);
    expect(rows("single-attention-masked")).toEqual([2]);
    expect(rows("single-attention")).toEqual([2]);
    run.mockRestore();
    expect(distance(beside!.logits!, alone!.logits!)).toBeLessThan(1e-5);
  });
});
