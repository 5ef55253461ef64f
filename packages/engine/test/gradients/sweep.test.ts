import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { OpenModel } from "../../src/runner/open-model.ts";
import { writeSweep } from "../../src/runner/sweep.ts";
import type { SweepRequest } from "../../src/worker/client.ts";
import { openOracle } from "../oracles/oracle.ts";

const { session } = await openOracle("gpt2");
const model = { session, summary: { name: "gpt2", weightHash: "0" } } as OpenModel;
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
const sweep = (
  kind: SweepRequest["kind"],
  input: Partial<typeof INPUT> = {},
  more: Partial<SweepRequest> = {},
  signal?: AbortSignal,
) =>
  writeSweep(
    model,
    {
      model: "gpt2",
      input: { ...INPUT, ...input },
      kind,
      position: "last",
      logits: false,
      out: path.join(folder, "out.safetensors"),
      ...more,
    },
    () => {},
    signal,
  );

it.each(["attribution", "zero", "denoise", "noise"] as const)(
  "%s: names the pair that it cannot take, not a pass of its own plan",
  async (kind) => {
    const long = Array.from({ length: session.spec.facts.positions + 1 }, () => 1);
    for (const [input, message] of [
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
    ] as const) {
      await expect(sweep(kind, input as unknown as typeof INPUT), String(message)).rejects.toThrow(message);
    }
    expect(await readdir(folder)).toEqual([]);
  },
);

it("names the pair that a position lies outside of, and lets it be where all positions are taken", async () => {
  for (const kind of ["denoise", "noise"] as const)
    await expect(sweep(kind, {}, { position: 3 })).rejects.toThrow(
      /^position of pair 0: 3 \(allowed: last, or 0 to 2/,
    );
  for (const kind of ["zero", "attribution"] as const) await sweep(kind, {}, { position: 3 });
});

it("stops an attribution that is cancelled", async () => {
  const controller = new AbortController();
  const running = sweep("attribution", {}, {}, controller.signal);
  controller.abort();
  await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
});
