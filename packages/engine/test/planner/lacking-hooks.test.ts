import { afterAll, describe, expect, it } from "vitest";
import { type BlockPoint, type HookName, hookName } from "../../src/hooks/hook-points.ts";
import { execute } from "../../src/planner/execute.ts";
import type { ForwardPass } from "../../src/planner/forward-pass.ts";
import { openOracle, oracleFolder } from "../oracles/oracle.ts";
import { captured, ReferenceTransformer } from "../support/reference-transformer.ts";

const SIDE_BY_SIDE = /attention and MLP of its blocks work side by side/;
const NO_POST_NORM = /does not norm what its attention writes/;
const ON_STREAM = /norms stand on the residual stream/;

/** What blocks of a folder lack, with the reason, and points that they have. */
const LACKING: [string, [BlockPoint, RegExp][], BlockPoint[]][] = [
  [
    "gpt-neox",
    [
      ["hook_resid_mid", SIDE_BY_SIDE],
      ["ln1_post.hook_scale", NO_POST_NORM],
    ],
    ["hook_mlp_in", "ln1.hook_scale", "ln2.hook_scale"],
  ],
  ["gpt-neox-serial", [["ln1_post.hook_scale", NO_POST_NORM]], ["hook_resid_mid", "ln2.hook_scale"]],
  ["gemma2", [], ["hook_resid_mid", "ln1_post.hook_scale", "ln1.hook_scale", "ln2.hook_scale"]],
  [
    "opt-post-norm",
    [
      ["ln1.hook_scale", ON_STREAM],
      ["ln2.hook_scale", ON_STREAM],
      ["ln1_post.hook_scale", NO_POST_NORM],
    ],
    ["hook_resid_mid", "hook_mlp_in"],
  ],
  ["llama", [["ln1_post.hook_scale", NO_POST_NORM]], ["hook_resid_mid", "ln2.hook_scale"]],
];

describe.each(LACKING)("hooks of %s", async (family, lacking, has) => {
  const { session, prompts } = await openOracle(family);
  const reference = await ReferenceTransformer.open(oracleFolder(family));
  const tokens = prompts("clean")[0]!;
  afterAll(() => session.close());
  const inputs: readonly string[] = ["hook_mlp_in"];
  const capture = (hook: HookName): ForwardPass => ({ tokens, capture: [{ hook, positions: "all" }] });

  it("that it lacks are refused by name, with the reason, in captures and in edits", async () => {
    for (const [point, reason] of lacking) {
      const hook = hookName(point, 1);
      for (const pass of [capture(hook), { tokens, edits: [{ hook, scale: 0 }] }]) {
        const refused = execute(session, [pass]);
        await expect(refused, point).rejects.toMatchObject({ code: "UNKNOWN_HOOK" });
        await expect(refused, point).rejects.toThrow(hook);
        await expect(refused, point).rejects.toThrow(reason);
      }
    }
  });

  it("that it has are not", async () => {
    const [run] = reference.run([{ tokens }]);
    for (const point of has) {
      const hook = hookName(point, 1);
      if (inputs.includes(point))
        await expect(
          execute(session, [{ tokens, edits: [{ hook, scale: 0 }], logits: "last" }]),
        ).resolves.toHaveLength(1);
      else {
        const [result] = await execute(session, [capture(hook)]);
        expect(result!.captures.get(hook)!.length, point).toBe(captured(run!, hook, "all").length);
      }
    }
  });

  it("of the final norm are there where there is one", async () => {
    const asked = execute(session, [capture("ln_final.hook_scale")]);
    if (family !== "opt-post-norm") {
      expect((await asked)[0]!.captures.get("ln_final.hook_scale")).toHaveLength(tokens.length);
      return;
    }
    await expect(asked).rejects.toThrow(ON_STREAM);
    await expect(asked).rejects.toThrow(/ln_final.hook_scale/);
  });

  it("of what a block's MLP reads name the state that can be captured instead", async () => {
    const source = family === "gpt-neox" ? "hook_resid_pre" : "hook_resid_mid";
    await expect(execute(session, [capture(hookName("hook_mlp_in", 1))])).rejects.toThrow(
      `capture blocks.1.${source} instead`,
    );
  });
});

describe.each([
  ["mistral-window", 4],
  ["mistral", 16],
  ["gemma2", 16],
  ["gemma2-no-caps", 16],
])("prompts of %s", async (family, window) => {
  const { session } = await openOracle(family);
  afterAll(() => session.close());
  const tokens = Array.from({ length: window + 1 }, (_, i) => 5 + i);

  it("are refused with the reason where they are longer than the window, and run up to it", async () => {
    const refused = execute(session, [{ tokens, logits: "last" }]);
    await expect(refused).rejects.toMatchObject({ code: "BAD_INPUT" });
    await expect(refused).rejects.toThrow(
      new RegExp(`${window + 1} tokens .*${window} positions.*sliding window of ${window} positions`),
    );
    const [run] = await execute(session, [{ tokens: tokens.slice(0, window), logits: "last" }]);
    const reference = await ReferenceTransformer.open(oracleFolder(family));
    const { logits } = reference.run([{ tokens: tokens.slice(0, window) }])[0]!;
    const last = logits.slice(-run!.logits!.length);
    for (const [i, value] of last.entries()) expect(run!.logits![i]).toBeCloseTo(value, 4);
  });
});

describe("a window that is not in use", async () => {
  const { session } = await openOracle("qwen2-tied");
  afterAll(() => session.close());

  it("refuses nothing", async () => {
    const tokens = Array.from({ length: session.spec.facts.positions }, (_, i) => 5 + (i % 80));
    await expect(execute(session, [{ tokens, logits: "last" }])).resolves.toHaveLength(1);
  });
});
