import { readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundledModels } from "../../src/checkpoints/bundled-models.ts";
import { execute } from "../../src/planner/execute.ts";
import { type OpenModel, openModel } from "../../src/runner/open-model.ts";
import { ROOT, shareKnown, TASKS } from "./held-out.ts";

const MODELS = path.join(ROOT, "models");
const FIXTURES = path.join(import.meta.dirname, "..", "fixtures", "bundled");
/** What each of the three architectures' own tokenizers put first. */
const STARTS = { "recall-gpt2": null, "recall-llama": "<s>", "recall-opt": "</s>" } as const;
const NAMES = Object.keys(STARTS) as (keyof typeof STARTS)[];

interface Golden {
  prompt: string;
  ids: number[];
  logits: Record<string, number>;
}

it("are bundled, one of each architecture of the paper", async () => {
  expect(await bundledModels(MODELS)).toEqual(expect.arrayContaining(NAMES));
});

describe.each(NAMES)("%s", (name) => {
  const golden = JSON.parse(readFileSync(path.join(FIXTURES, `${name}.json`), "utf8")) as Golden[];
  let model: OpenModel;
  beforeAll(async () => {
    model = await openModel(name, { modelsFolder: MODELS, cacheFolder: MODELS, offline: true }, 2);
  });
  afterAll(() => model.session.close());

  it("opens and passes the self-check", () => {
    const { architecture, layers, selfCheck, bos } = model.summary;
    expect(`recall-${architecture}`).toBe(name);
    expect(layers).toBeGreaterThanOrEqual(4);
    expect(selfCheck.passed).toBe(true);
    expect(bos.token === null ? null : model.tokenizer.tokenText(bos.token)).toBe(STARTS[name]);
  });

  it("reads prompts and computes logits as transformers does", async () => {
    const prompts = golden.map(({ prompt }) => model.tokenizer.encode(prompt).map(({ id }) => id));
    expect(prompts).toEqual(golden.map(({ ids }) => ids));
    const results = await execute(
      model.session,
      prompts.map((tokens) => ({ tokens, logits: "last" as const })),
    );
    for (const [i, { prompt, logits }] of golden.entries()) {
      const expected = Object.entries(logits);
      expect(expected.length).toBeGreaterThan(50);
      for (const [token, value] of expected)
        expect(Math.abs(results[i]!.logits![Number(token)]! - value), `${prompt}: ${token}`).toBeLessThan(
          1e-4,
        );
    }
  });

  it("knows at least 95 % of the facts of at least four tasks in frames it was not trained on", async () => {
    const shares: Record<string, number> = {};
    const known = () => Object.values(shares).filter((share) => share >= 0.95).length;
    for (const task of TASKS) if (known() < 4) shares[task] = await shareKnown(model, task);
    expect(known(), JSON.stringify(shares)).toBe(4);
  });
});
