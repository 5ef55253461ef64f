import { afterAll, describe, expect, it } from "vitest";
import { seededRandom } from "../../src/math/random.ts";
import { packBatches } from "../../src/planner/batches.ts";
import { estimatePlan } from "../../src/planner/estimate.ts";
import { execute } from "../../src/planner/execute.ts";
import type { ForwardPass } from "../../src/planner/forward-pass.ts";
import { rowBudget, rowCosts } from "../../src/planner/memory.ts";
import { PrefixTree } from "../../src/planner/prefix-tree.ts";
import { linkSequences } from "../../src/planner/sequences.ts";
import { addWork, flopsOf, noWork, type Work, workOf } from "../../src/planner/work.ts";
import { USUAL_MEMORY } from "../../src/session/model-memory.ts";
import { FAMILIES, openOracle } from "../oracles/oracle.ts";
import { randomPlan } from "../support/random-plan.ts";
import { sweepOf } from "../support/sweep-plan.ts";

describe.each(FAMILIES)("the estimate of a plan on %s", async (family) => {
  const { session, prompts } = await openOracle(family);
  const { facts } = session.spec;
  const bases = [...prompts("clean"), ...prompts("corrupted")];
  const [clean, corrupted] = [prompts("clean")[0]!, prompts("corrupted")[0]!];
  afterAll(() => session.close());

  const plans: [string, ForwardPass[]][] = [
    ["a sweep over heads", sweepOf(clean, corrupted, facts, [-1])],
    ["a sweep over heads and positions", sweepOf(clean, corrupted, facts, [0, 2, clean.length - 1])],
    [
      "random passes",
      // Edits of inputs run the attention input once more for each changed row: they are counted apart.
      [
        ...bases.map((tokens) => ({ tokens })),
        ...randomPlan(bases, facts, seededRandom("estimates"), 40).filter(
          ({ edits }) => !edits?.some(({ hook }) => /_(q|k|v)_input$/.test(hook)),
        ),
      ],
    ],
  ];

  it.each(plans)("counts the rows that are computed: %s", async (_, plan) => {
    const counted = await rowsComputed(session, () => execute(session, plan));
    const work = expectedWork(plan, USUAL_MEMORY.activations);
    expect(counted).toEqual({
      attentionInput: work.attentionInput,
      queries: work.queries,
      attentionOutput: work.attentionOutput,
      mlp: work.mlp,
      headResult: work.headResult,
      logits: work.logits,
      queried: work.queried,
    });
    const estimate = await estimatePlan(session, plan);
    expect(estimate.passes).toBe(plan.length);
    expect(estimate.rows).toBe(work.mlp);
    expect(estimate.flops).toBe(flopsOf(work, facts, session.spec.block(0).mlp.kind === "gated" ? 3 : 2));
    expect(estimate.seconds).toBeGreaterThan(0);
    expect(estimate.bytes).toBeGreaterThan(4 * facts.width);
  });

  it("knows that a smaller budget computes bases again", async () => {
    const plan = sweepOf(clean, corrupted, facts, [-1]);
    const costs = rowCosts(facts);
    // A quarter of a budget is left for rows where it is smaller than a chunk: the two prompts and three variants.
    const small = 4 * (new PrefixTree().missing([clean, corrupted]) * costs.base + 3 * costs.variant);
    const [whole, cut] = [
      await estimatePlan(session, plan),
      await estimatePlan(session, plan, { maxMemory: small }),
    ];
    expect(cut.rows).toBeGreaterThan(whole.rows);
    expect(cut.rows).toBe(expectedWork(plan, small).mlp);
  });

  function expectedWork(plan: readonly ForwardPass[], maxMemory: number): Work {
    const work = noWork();
    const sequences = linkSequences(plan, facts);
    for (const batch of packBatches(sequences, rowBudget(facts, maxMemory), rowCosts(facts)))
      addWork(work, workOf(batch, facts));
    return work;
  }
});

type Session = Awaited<ReturnType<typeof openOracle>>["session"];

/** Watches the calls of graphs: first dimensions of what they compute. */
async function rowsComputed(session: Session, run: () => Promise<unknown>) {
  const rows = {
    attentionInput: 0,
    queries: 0,
    attentionOutput: 0,
    mlp: 0,
    headResult: 0,
    logits: 0,
    queried: 0,
  };
  const { runBlock, runAttention, runModel } = session;
  session.runBlock = async (part, layer, inputs, outputs) => {
    const count = Object.values(outputs)[0]!.dims[0]!;
    if (part === "attention-input") rows.attentionInput += count;
    else if (part === "attention-output") rows.attentionOutput += count;
    else if (part === "head-result") rows.headResult += count;
    else if (part === "mlp" || part === "mlp-hidden") rows.mlp += count;
    await runBlock.call(session, part, layer, inputs, outputs);
  };
  session.runAttention = async (part, layer, inputs, outputs) => {
    rows.queries += outputs.z!.dims[0]!;
    await runAttention.call(session, part, layer, inputs, outputs);
  };
  session.runModel = async (part, inputs, outputs) => {
    const [first] = Object.values(outputs);
    if (part === "unembed") rows.logits += first!.dims[0]!;
    else if (part === "query") rows.queried += first!.dims[0]! * first!.dims[1]!;
    await runModel.call(session, part, inputs, outputs);
  };
  try {
    await run();
  } finally {
    Object.assign(session, { runBlock, runAttention, runModel });
  }
  return rows;
}
