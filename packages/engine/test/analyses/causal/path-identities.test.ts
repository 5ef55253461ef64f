import { afterAll, describe, expect, it } from "vitest";
import { hookName, mlpReads } from "../../../src/hooks/hook-points.ts";
import { execute } from "../../../src/planner/execute.ts";
import type { ForwardPass } from "../../../src/planner/forward-pass.ts";
import { openInstruments } from "../../../src/session/model-instruments.ts";
import {
  changeOf,
  MeanOutputs,
  outputCaptures,
} from "../../../src/sweeps/path-patching/component-outputs.ts";
import {
  allSenders,
  carryPass,
  type Receiver,
  reaches,
  receiversAfter,
  type Sender,
  senderLabel,
} from "../../../src/sweeps/path-patching/paths.ts";
import { type PathPatch, runPathPatches } from "../../../src/sweeps/path-patching/run-paths.ts";
import { distance } from "../../oracles/distance.ts";
import { openOracle, PLAIN } from "../../oracles/oracle.ts";

const FINAL: Receiver = { kind: "final" };

/** What follows by algebra from the definition of a path, in every family of models. */
describe.each(PLAIN)("path patching in %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const { layers, heads, kvHeads, width } = facts;
  const instruments = await openInstruments(session);
  afterAll(() => session.close());
  const run = (passes: readonly ForwardPass[]) => execute(session, passes);
  const [tokens, other] = [prompts("clean")[0]!, prompts("corrupted")[0]!];
  const last = tokens.length - 1;
  const finalHook = hookName("hook_resid_post", layers - 1);
  const wanted = { logits: "last", capture: [{ hook: finalHook, positions: "last" }] } as const;
  const [clean, corrupted] = await run(
    [tokens, other].map((tokens) => ({ tokens, capture: outputCaptures(facts), logits: "last" })),
  );
  const senders = allSenders(facts);
  const patch = (sender: Sender, changes: Partial<PathPatch> = {}): PathPatch => ({
    tokens,
    position: last,
    sender,
    change: changeOf(sender, clean!, "SAMPLE", { SAMPLE: corrupted! }, width),
    mlps: "RECOMPUTE",
    receiverSets: [[FINAL]],
    ...changes,
  });
  const paths = (patches: PathPatch[]) => runPathPatches(patches, wanted, run, facts);
  const logitsOf = async (patches: PathPatch[]) =>
    (await paths(patches)).map(({ patched }) => patched[0]!.logits!);
  const state = (result: { captures: ReadonlyMap<string, Float32Array> }) => result.captures.get(finalHook)!;

  it("is the difference of direct logit attributions where MLPs and the final scale are frozen", async () => {
    const [answer, wrong] = [3, 7];
    const directions = await instruments.directions([answer, wrong]);
    const results = await paths(senders.map((sender) => patch(sender, { mlps: "FREEZE" })));
    const scale = instruments.scales(state(results[0]!.clean));
    for (const [i, sender] of senders.entries()) {
      const { clean: before, patched } = results[i]!;
      const { logit } = await instruments.read(
        instruments.normalise(Float32Array.from([...state(before), ...state(patched[0]!)]), [
          scale[0]!,
          scale[0]!,
        ]),
        [
          [answer, wrong],
          [answer, wrong],
        ],
        0,
      );
      const effect = logit[2]! - logit[3]! - (logit[0]! - logit[1]!);
      const { change } = patch(sender);
      let attributed = 0;
      for (let d = 0; d < width; d++)
        attributed += ((directions[d]! - directions[width + d]!) * change[d]!) / scale[0]!;
      expect(Math.abs(effect - attributed), senderLabel(sender)).toBeLessThan(1e-3);
      // The first MLP of parallel blocks reads nothing of other positions.
      if (change.some((value) => Math.abs(value) > 1e-6))
        expect(distance(patched[0]!.logits!, before.logits!), "the patch changes something").toBeGreaterThan(
          1e-6,
        );
    }
  });

  it("is activation patching where all receivers get the change and MLPs are frozen on the way", async () => {
    for (const position of [last, last - 1]) {
      const cut = (list: readonly number[]) => list.slice(0, position + 1);
      const [own, donor] = await run(
        [tokens, other].map((tokens) => ({ tokens: cut(tokens), capture: outputCaptures(facts) })),
      );
      const results = await paths(
        senders.map((sender) =>
          patch(sender, {
            position,
            mlps: "FREEZE",
            change: changeOf(sender, own!, "SAMPLE", { SAMPLE: donor! }, width),
            receiverSets: [[...receiversAfter(sender, facts), FINAL]],
          }),
        ),
      );
      const [, , ...direct] = await run([
        { tokens, logits: "last" },
        { tokens: other },
        ...senders.map((sender): ForwardPass => {
          const edit =
            sender.kind === "head"
              ? { hook: hookName("attn.hook_z", sender.layer), head: sender.head }
              : { hook: hookName("hook_mlp_out", sender.layer) };
          return { tokens, logits: "last", edits: [{ ...edit, position, scale: 0, value: { pass: 1 } }] };
        }),
      ]);
      for (const [i, sender] of senders.entries())
        expect(
          distance(results[i]!.patched[0]!.logits!, direct[i]!.logits!),
          senderLabel(sender),
        ).toBeLessThan(1e-4);
    }
  });

  it("is exactly nothing where the receiver stands at or before the sender", async () => {
    const everything: Receiver[] = Array.from({ length: layers }, (_, layer): Receiver[] => [
      { kind: "mlp", layer },
      { kind: "q", layer, head: heads - 1 },
      { kind: "k", layer, head: kvHeads - 1 },
      { kind: "v", layer, head: 0 },
    ]).flat();
    for (const sender of senders) {
      const unreached = everything.filter((receiver) => !reaches(sender, receiver, facts));
      const [{ clean: before, patched }] = (await paths([
        patch(sender, { receiverSets: unreached.map((receiver) => [receiver]) }),
      ])) as [Awaited<ReturnType<typeof paths>>[number]];
      for (const result of patched) expect(result.logits).toEqual(before.logits);
      // The rule of reach itself: what an unreached component reads is the same in the run that carries the change.
      const hooks = unreached.map((receiver) =>
        hookName(
          receiver.kind === "mlp" ? mlpReads(facts) : "hook_resid_pre",
          (receiver as { layer: number }).layer,
        ),
      );
      const capture = [...new Set(hooks)].map((hook) => ({ hook, positions: "last" as const }));
      const { change } = patch(sender);
      const [own, carried] = await run([
        { tokens, capture },
        { ...carryPass(tokens, sender, change, "RECOMPUTE", 0, layers), capture },
      ]);
      for (const { hook } of capture)
        expect(distance(carried!.captures.get(hook)!, own!.captures.get(hook)!), hook).toBeLessThan(1e-6);
    }
    expect(reaches({ kind: "head", layer: 1, head: 0 }, { kind: "mlp", layer: 1 }, facts)).toBe(
      facts.block === "serial",
    );
    expect(reaches({ kind: "mlp", layer: 1 }, { kind: "mlp", layer: 1 }, facts)).toBe(false);
    expect(reaches({ kind: "head", layer: 1, head: 0 }, { kind: "v", layer: 1, head: 0 }, facts)).toBe(false);
  });

  it("has no path to the final residual from any other position", async () => {
    const [{ clean: before, patched }] = (await paths([
      patch(senders[0]!, { position: last - 1, change: new Float32Array(width).fill(3) }),
    ])) as [Awaited<ReturnType<typeof paths>>[number]];
    expect(patched[0]!.logits).toEqual(before.logits);
  });

  it("has a closed form from the last layer to the final residual", async () => {
    for (const sender of senders.filter(({ layer }) => layer === layers - 1)) {
      const mlps = sender.kind === "mlp" ? "RECOMPUTE" : "FREEZE";
      const [logits] = await logitsOf([patch(sender, { mlps })]);
      const [base] = await run([{ tokens, ...wanted }]);
      const { change } = patch(sender);
      const row = instruments.normalise(state(base!).map((x, d) => x + change[d]!));
      const everyToken = Array.from({ length: facts.vocabulary }, (_, token) => token);
      const { logit } = await instruments.read(row, [everyToken], 0);
      expect(distance(logits!, logit), senderLabel(sender)).toBeLessThan(1e-4);
    }
  });

  it("does nothing when a sender keeps its own value", async () => {
    for (const mlps of ["RECOMPUTE", "FREEZE"] as const) {
      const patches = senders.map((sender) =>
        patch(sender, {
          mlps,
          change: changeOf(sender, clean!, "SAMPLE", { SAMPLE: clean! }, width),
          receiverSets: [[FINAL], receiversAfter(sender, facts)],
        }),
      );
      for (const { clean: before, patched } of await paths(patches))
        for (const { logits } of patched) expect(distance(logits!, before.logits!)).toBeLessThan(1e-5);
    }
  });

  it("takes the mean over one counterfactual for that counterfactual, and over two for neither", () => {
    const [one, two] = [new MeanOutputs(), new MeanOutputs()];
    one.add(corrupted!);
    for (const own of [clean!, corrupted!]) two.add(own);
    for (const sender of senders) {
      const sample = patch(sender).change;
      const of = (MEAN_CORRUPTED: ReturnType<MeanOutputs["mean"]>) =>
        changeOf(sender, clean!, "MEAN_CORRUPTED", { MEAN_CORRUPTED }, width);
      expect(distance(of(one.mean()), sample)).toBeLessThan(1e-6);
      expect(
        distance(
          of(two.mean()),
          sample.map((x) => x / 2),
        ),
      ).toBeLessThan(1e-5);
    }
  });

  it("zeroes a sender as scaling its output by 0 would", async () => {
    const patches = senders.map((sender) =>
      patch(sender, {
        mlps: "FREEZE",
        change: changeOf(sender, clean!, "ZERO", {}, width),
        receiverSets: [[...receiversAfter(sender, facts), FINAL]],
      }),
    );
    const zeroed = await run(
      senders.map((sender) => ({
        tokens,
        logits: "last" as const,
        edits: [
          sender.kind === "head"
            ? { hook: hookName("attn.hook_z", sender.layer), head: sender.head, position: -1, scale: 0 }
            : { hook: hookName("hook_mlp_out", sender.layer), position: -1, scale: 0 },
        ],
      })),
    );
    for (const [i, { patched }] of (await paths(patches)).entries())
      expect(distance(patched[0]!.logits!, zeroed[i]!.logits!)).toBeLessThan(1e-4);
  });

  it("gives the same together and one by one", async () => {
    const patches = senders.flatMap((sender) =>
      (["RECOMPUTE", "FREEZE"] as const).map((mlps) =>
        patch(sender, {
          mlps,
          receiverSets: [[FINAL], ...receiversAfter(sender, facts).map((receiver) => [receiver])],
        }),
      ),
    );
    const together = await paths(patches);
    for (const [i, own] of patches.entries()) {
      const [alone] = await paths([own]);
      for (const [set, { logits }] of alone!.patched.entries())
        expect(distance(together[i]!.patched[set]!.logits!, logits!)).toBeLessThan(1e-5);
    }
  });

  it("differs between MLPs recomputed and frozen, and carries the sender's change unchanged where they are frozen", async () => {
    const sender: Sender = { kind: "head", layer: 0, head: 0 };
    const { change } = patch(sender);
    const [recomputed, frozen] = await logitsOf([patch(sender), patch(sender, { mlps: "FREEZE" })]);
    expect(distance(recomputed!, frozen!)).toBeGreaterThan(1e-4);
    const capture = [{ hook: finalHook, positions: "last" as const }];
    const [own, carried] = await run([
      { tokens, capture },
      { ...carryPass(tokens, sender, change, "FREEZE", 0, layers), capture, logits: "last" },
    ]);
    expect(distance(carried!.logits!, frozen!)).toBeLessThan(1e-5);
    expect(
      distance(
        state(carried!),
        state(own!).map((x, d) => x + change[d]!),
      ),
    ).toBeLessThan(1e-5);
  });

  it("carries what an edit of the sender's z carries", async () => {
    const sender: Sender = { kind: "head", layer: 0, head: heads - 1 };
    const pass = carryPass(tokens, sender, patch(sender).change, "RECOMPUTE", 0, layers);
    const z = {
      hook: hookName("attn.hook_z", 0),
      head: heads - 1,
      position: -1,
      scale: 0,
      value: { pass: 1 },
    };
    const [, , moved, edited] = await run([
      { tokens },
      { tokens: other },
      { ...pass, ...wanted },
      { ...pass, edits: [z, ...pass.edits.slice(1)], ...wanted },
    ]);
    expect(distance(moved!.logits!, edited!.logits!)).toBeLessThan(1e-5);
  });

  it("gives one MLP what it would have made of the carried state, and leaves the stream alone", async () => {
    const sender: Sender = { kind: "head", layer: 0, head: 0 };
    const layer = 1;
    const [result] = await paths([patch(sender, { receiverSets: [[{ kind: "mlp", layer }]] })]);
    const written = hookName("hook_mlp_out", layer);
    const [, carried] = await run([
      { tokens },
      {
        ...carryPass(tokens, sender, patch(sender).change, "RECOMPUTE", 0, layers),
        capture: [{ hook: written, positions: "last" }],
      },
    ]);
    const [pinned] = await run([
      {
        tokens,
        logits: "last",
        edits: [{ hook: written, position: -1, scale: 0, value: carried!.captures.get(written)! }],
      },
    ]);
    expect(distance(result!.patched[0]!.logits!, pinned!.logits!)).toBeLessThan(1e-4);
    expect(distance(result!.patched[0]!.logits!, result!.clean.logits!)).toBeGreaterThan(1e-6);
  });

  it("carries a change at an earlier position as a run of the whole prompt does", async () => {
    const sender: Sender = { kind: "head", layer: 0, head: 0 };
    const position = last - 1;
    const change = Float32Array.from({ length: width }, (_, d) => Math.sin(d));
    const receivers: Receiver[] = [
      { kind: "k", layer: 1, head: 0 },
      { kind: "v", layer: 1, head: kvHeads - 1 },
    ];
    const [result] = await paths([patch(sender, { position, change, receiverSets: [receivers] })]);
    const state = hookName("hook_resid_pre", 1);
    const { edits } = carryPass(tokens, sender, change, "RECOMPUTE", 0, layers);
    const capture = [{ hook: state, positions: "all" as const }];
    const [own, carried] = await run([
      { tokens, capture },
      { tokens, capture, edits: edits.map((edit) => ({ ...edit, position })) },
    ]);
    const value = carried!.captures
      .get(state)!
      .map((x, i) => x - own!.captures.get(state)![i]!)
      .slice(position * width, (position + 1) * width);
    const [expected] = await run([
      {
        tokens,
        logits: "last",
        edits: [
          { hook: hookName("hook_k_input", 1), head: 0, position, scale: 1, value },
          { hook: hookName("hook_v_input", 1), head: kvHeads - 1, position, scale: 1, value },
        ],
      },
    ]);
    expect(distance(result!.patched[0]!.logits!, expected!.logits!)).toBeLessThan(1e-4);
    expect(distance(result!.patched[0]!.logits!, result!.clean.logits!)).toBeGreaterThan(1e-4);
  });

  it("is not additive over q, k and v of a head", async () => {
    const sender: Sender = { kind: "mlp", layer: 0 };
    const of = (kind: "q" | "k" | "v"): Receiver => ({ kind, layer: 1, head: 0 });
    const change = Float32Array.from({ length: width }, (_, d) => (d % 2 ? 3 : -2));
    const sets = [[of("q")], [of("k")], [of("v")], [of("q"), of("k"), of("v")]];
    const [result] = await paths([patch(sender, { change, receiverSets: sets })]);
    const [q, k, v, all] = result!.patched.map(({ logits }) =>
      logits!.map((x, token) => x - result!.clean.logits![token]!),
    );
    for (const own of [k!, v!]) expect(Math.max(...own.map(Math.abs))).toBeGreaterThan(1e-6);
    expect(
      distance(
        all!,
        q!.map((x, token) => x + k![token]! + v![token]!),
      ),
    ).toBeGreaterThan(1e-4);
  });
});
