import { mkdir, mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { lock } from "proper-lockfile";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/math/random.ts";
import { intervene } from "../../src/runner/intervene.ts";
import type { OpenModel } from "../../src/runner/open-model.ts";
import { type SweepChoice, type SweepRequest, writeSweep } from "../../src/runner/sweep.ts";
import { openTokenizer } from "../../src/tokenizers/open-tokenizer.ts";
import { openOracle, oracleFolder } from "../oracles/oracle.ts";
import { readAnyTensor } from "../oracles/read-any-tensor.ts";

const { session } = await openOracle("gpt2");
const { facts } = session.spec;
const tokenizer = await openTokenizer(oracleFolder("gpt2"));
const model = { session, tokenizer, summary: { name: "gpt2", weightHash: "0" } } as OpenModel;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "recallscope-sweep-"));
});
afterAll(async () => {
  await session.close();
  await rm(folder, { recursive: true, force: true });
});

const INPUT = {
  clean: [
    [1, 2, 3],
    [4, 5, 6],
  ],
  corrupted: [
    [1, 7, 3],
    [4, 8, 6],
  ],
  answer: [1, 2],
  wrong: [3, 4],
};
const heads = (kind: "zero" | "denoise" | "noise"): SweepChoice => ({
  over: "heads",
  kind,
  position: kind === "zero" ? "all" : "last",
});
const sweep = (choice: SweepChoice, more: Partial<SweepRequest> = {}, signal?: AbortSignal) =>
  writeSweep(
    model,
    { model: "gpt2", input: INPUT, sweep: choice, out: path.join(folder, "out.safetensors"), ...more },
    { ...(signal && { signal }) },
  );

it.each<SweepChoice>([{ over: "attribution" }, heads("zero"), heads("denoise"), heads("noise")])(
  "%j: names the pair that it cannot take, not a pass of its own plan",
  async (choice) => {
    const long = Array.from({ length: facts.positions + 1 }, () => 1);
    const cases: [Partial<SweepRequest["input"]>, RegExp][] = [
      [
        {
          corrupted: [
            [1, 7, 3],
            [4, 8],
          ],
        },
        /^pair 1: 3 clean and 2 corrupted tokens/,
      ],
      [
        {
          clean: [
            [1, 2, 3],
            [4, 5, 99_999],
          ],
        },
        /^token in clean of pair 1: 99999 \(allowed: 0 to /,
      ],
      [
        {
          corrupted: [
            [1, 2, -3],
            [4, 5, 6],
          ],
        },
        /^token in corrupted of pair 0: -3/,
      ],
      [{ answer: [1, -1] }, /^token in answer of pair 1: -1/],
      [{ wrong: [3.5, 1] }, /^token in wrong of pair 0: 3.5/],
      [{ wrong: [3] }, /^pairs: 1 entries in wrong \(clean has 2\)/],
      [{ clean: [], corrupted: [], answer: [], wrong: [] }, /^pairs: none given/],
      [{ clean: [long, long], corrupted: [long, long] }, /^pair 0: \d+ tokens \(the model has \d+ positions/],
    ];
    for (const [input, message] of cases)
      await expect(sweep(choice, { input: { ...INPUT, ...input } }), String(message)).rejects.toThrow(
        message,
      );
    expect(await readdir(folder)).toEqual([]);
  },
);

it("names the pair that a position lies outside of", async () => {
  for (const kind of ["denoise", "noise"] as const)
    await expect(sweep({ over: "heads", kind, position: 3 })).rejects.toThrow(
      /^position of pair 0: 3 \(allowed: last, or 0 to 2/,
    );
});

it("takes texts for token ids, and refuses an answer of several tokens", async () => {
  const text = tokenizer.decode([40, 41, 42]);
  const ids = tokenizer.encode(text).map(({ id }) => id);
  const answer = tokenizer.decode([50]);
  const [byText, byIds] = [path.join(folder, "text.safetensors"), path.join(folder, "ids.safetensors")];
  const input = { clean: [text], corrupted: [ids.with(0, 3)], answer: [answer], wrong: [4] };
  await sweep(heads("noise"), { input, out: byText });
  await sweep(heads("noise"), { input: { ...input, clean: [ids], answer: [50] }, out: byIds });
  expect(await readFile(byText)).toEqual(await readFile(byIds));
  await expect(sweep(heads("noise"), { input: { ...input, answer: [text] } })).rejects.toThrow(
    /^answer of pair 0: ".*" is \d+ tokens \(.*\); one expected/s,
  );
});

it("stops an attribution that is cancelled", async () => {
  const controller = new AbortController();
  const running = sweep({ over: "attribution" }, {}, controller.signal);
  controller.abort();
  await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
});

describe("a sweep that was interrupted", () => {
  const random = seededRandom("many pairs");
  const prompt = () => Array.from({ length: 5 }, () => Math.floor(random() * facts.vocabulary));
  const many = Array.from({ length: 400 }, prompt);
  const input = {
    clean: many,
    corrupted: many.map((tokens) => tokens.with(2, 0)),
    answer: many.map(() => 1),
    wrong: many.map(() => 2),
  };
  const choice = { over: "heads", kind: "noise", position: "last", fullLogits: true } as const;
  const [whole, out] = ["whole.safetensors", "resumed.safetensors"];
  const at = (name: string) => path.join(folder, name);
  const bytes = (name: string) => readFile(at(name));

  /** Aborts after some shards have been written. */
  async function interrupted(shards: number): Promise<void> {
    const controller = new AbortController();
    const running = writeSweep(
      model,
      { model: "gpt2", input, sweep: choice, out: at(out) },
      {
        signal: controller.signal,
        onProgress: async () => {
          if ((await readdir(at(`${out}.partial`)).catch(() => [])).length >= shards) controller.abort();
        },
      },
    );
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
  }

  it("goes on from its finished shards and gives the same bytes; a damaged shard is computed again", async () => {
    await sweep(choice, { input, out: at(whole) });
    expect(await readdir(folder)).toContain(whole);
    expect(await readdir(folder)).not.toContain(`${whole}.partial`);
    await interrupted(1);
    const [first] = await readdir(at(`${out}.partial`));
    await writeFile(at(`${out}.partial/${first}.0.part`), "left by a killed process");

    const started: number[] = [];
    await writeSweep(
      model,
      { model: "gpt2", input, sweep: choice, out: at(out) },
      { onProgress: ({ before }) => started.push(before) },
    );
    expect(started[0]).toBeGreaterThan(0);
    expect((await bytes(out)).equals(await bytes(whole))).toBe(true);
    expect(await readdir(folder)).not.toContain(`${out}.partial`);

    await interrupted(1);
    const [again] = await readdir(at(`${out}.partial`));
    expect(again).toBe(first);
    await truncate(at(`${out}.partial/${again}`), 100);
    await sweep(choice, { input, out: at(out) });
    expect((await bytes(out)).equals(await bytes(whole))).toBe(true);
  });

  it("has all logits of each place, of which its differences are made", async () => {
    const tensors = await readAnyTensor(at(whole));
    const { shape, data } = tensors.get("last_logits")!;
    expect(shape).toEqual([facts.layers, facts.heads, many.length, facts.vocabulary]);
    const diff = tensors.get("logit_diff")!.data;
    for (let i = 0; i < diff.length; i++)
      expect(diff[i]).toBe(Math.fround(data[i * facts.vocabulary + 1]! - data[i * facts.vocabulary + 2]!));
  });

  it("starts anew when the request or the model is another", async () => {
    await interrupted(1);
    for (const [own, choices] of [
      [model, { ...choice, position: 3 }],
      [{ ...model, summary: { ...model.summary, weightHash: "1" } }, choice],
    ] as const) {
      const controller = new AbortController();
      const seen: number[] = [];
      const running = writeSweep(
        own,
        { model: "gpt2", input, sweep: choices, out: at(out) },
        {
          signal: controller.signal,
          onProgress: ({ before }) => {
            seen.push(before);
            controller.abort();
          },
        },
      );
      await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
      expect(seen[0]).toBe(0);
    }
    await rm(at(`${out}.partial`), { recursive: true });
  });

  it("does not let two write one file at once, and takes over from one that was killed", async () => {
    const held = at("held.safetensors");
    const running = sweep(choice, { input, out: held });
    await expect(sweep(choice, { input, out: held })).resolves.toBeDefined();
    await running;
    expect(await readdir(folder)).not.toContain("held.safetensors.lock");

    const other = await lock(held, { realpath: false });
    await expect(sweep(choice, { input, out: held })).rejects.toThrow(
      /output file .*held\.safetensors: another process is writing it \(wait for it/,
    );
    await other();
    await mkdir(`${held}.lock`);
    const past = new Date(Date.now() - 60_000);
    await utimes(`${held}.lock`, past, past);
    await expect(sweep(choice, { input, out: held })).resolves.toBeDefined();
  }, 30_000);

  it("leaves a folder of someone else alone", async () => {
    await writeFile(at("other.safetensors.partial"), "");
    await expect(sweep(heads("zero"), { out: at("other.safetensors") })).rejects.toThrow(
      /^folder .*other\.safetensors\.partial: cannot be read/,
    );
  });
});

describe("an intervention on one prompt", () => {
  const ask = (more: object) =>
    intervene(model, { model: "gpt2", prompt: INPUT.clean[0]!, edits: [], top: 3, answer: 1, ...more });

  it("that changes nothing, changes nothing; probabilities are those of all logits", async () => {
    const { before, after, tokens } = await ask({ top: 100 });
    expect(after).toEqual(before);
    expect(tokens.map(({ id }) => id)).toEqual(INPUT.clean[0]);
    const { top, answer } = before;
    expect(top.map(({ rank }) => rank)).toEqual(top.map((_, i) => i));
    expect(answer).toEqual(top.find(({ token }) => token === 1) ?? answer);
    if (facts.vocabulary <= 100) expect(top.reduce((sum, own) => sum + own.probability, 0)).toBeCloseTo(1, 6);
  });

  it("that takes everything from another prompt, becomes that prompt", async () => {
    const source = INPUT.corrupted[0]!;
    const edits = [{ hook: "blocks.0.hook_resid_pre", scale: 0, value: { source: true } }];
    const { after } = await ask({ source, edits });
    const { before } = await ask({ prompt: source });
    for (const [i, { token, logit }] of after.top.entries()) {
      expect(token).toBe(before.top[i]!.token);
      expect(logit).toBeCloseTo(before.top[i]!.logit, 4);
    }
  });

  it("scales, hides and adds; and says what it cannot do", async () => {
    const { before } = await ask({});
    for (const changes of [
      { edits: [{ hook: "blocks.1.hook_mlp_out", scale: 2 }] },
      { edits: [{ hook: "blocks.0.attn.hook_z", head: 1, position: -1, scale: 0 }] },
      { edits: [{ hook: "blocks.0.hook_mlp_out", scale: 1, value: new Float32Array(facts.width).fill(1) }] },
      { knockouts: [{ layer: 0, query: -1, keys: [0, 1] }] },
    ])
      expect((await ask(changes)).after.answer!.logit).not.toBe(before.answer!.logit);
    const fromNowhere = [{ hook: "blocks.0.hook_mlp_out", scale: 0, value: { source: true } }];
    await expect(ask({ edits: fromNowhere })).rejects.toThrow(/source prompt, and none is given/);
    const noHead = [{ hook: "blocks.0.attn.hook_z", head: 99, scale: 0 }];
    await expect(ask({ edits: noHead })).rejects.toThrow(
      /^head of .* in the changed prompt: 99 \(allowed: 0 to/,
    );
    await expect(ask({ top: 0 })).rejects.toThrow(/^top tokens: 0 \(allowed: 1 to 100\)/);
    await expect(ask({ answer: 1e6 })).rejects.toThrow(/^answer: token 1000000 \(allowed: 0 to/);
  });
});
