import { jointFigures } from "../../figures/joint-figures.ts";
import type { JointEffectReport } from "../../results/joint-effect.ts";
import type { HeadReport } from "../../results/report.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { FactSums } from "./fact-sums.ts";
import { planJoint, readJoint } from "./joint-passes.ts";
import { type JointPrompt, jointViews } from "./joint-views.ts";
import { massRule } from "./mass-rule.ts";

/** Stand in for the movers where there are fewer than two. */
const TOP_HEADS = 5;
const MASS_SHARES = [0.5, 0.8, 0.9];
const PASSES_PER_STEP = 2048;

/** Patches the movers together and one by one; see `JointEffectReport`. */
export const jointEffect = defineFurther<JointEffectReport>({
  id: "joint-effect",
  title: "Joint effect of the movers",
  mechanism: "argument passing",
  summary:
    "Whether heads that pass the argument need each other (AND), stand in for each other (OR, backup), or add up.",
  standard: true,
  figures: jointFigures,

  async run(context) {
    const { report, measured, settings, bootstrap } = context;
    const { set, heads } = headSet(report.argumentPassing.heads);
    const mass = MASS_SHARES.map((share) =>
      massRule(
        report.argumentPassing.heads.map(({ label, effect }) => ({ label, effect: effect.value })),
        share,
      ),
    );
    const prompts = measured.flatMap((fact, i) =>
      fact.prompts
        .slice(0, settings.sweepPrompts)
        .flatMap((prompt) => (prompt.corrupted ? [{ fact: i, prompt }] : [])),
    );
    const problem =
      heads.length < 2
        ? `${heads.length} heads with an observed effect (at least 2 needed)`
        : prompts.length === 0
          ? "no prompt has a donor"
          : null;
    const read = problem ? [] : await readAll(prompts, heads, context);
    const metric = (of: (own: JointPrompt) => number) => {
      const sums = new FactSums(measured.length, 1);
      for (const own of read) sums.add(own.fact, 0, of(own));
      return sums.mean(0, bootstrap, problem ?? "no prompt has a donor");
    };
    const [LOGIT_DIFF, ANSWER] = [0, 1];
    return {
      set,
      heads: heads.map(({ label }) => label),
      pairs: read.length,
      pairsWithoutLead: read.filter(({ clean }) => clean[LOGIT_DIFF]! <= 0).length,
      clean: {
        logitDiff: metric(({ clean }) => clean[LOGIT_DIFF]!),
        answerLogit: metric(({ clean }) => clean[ANSWER]!),
      },
      corrupted: {
        logitDiff: metric(({ corrupted }) => corrupted[LOGIT_DIFF]!),
        answerLogit: metric(({ corrupted }) => corrupted[ANSWER]!),
      },
      views: problem ? [] : jointViews(read, heads.length, measured.length, bootstrap),
      ...(problem && { reason: problem }),
      mass,
    };
  },
});

function headSet(all: readonly HeadReport[]): { set: JointEffectReport["set"]; heads: HeadReport[] } {
  const byRank = all.filter(({ effect }) => effect.value !== null).sort((a, b) => a.rank - b.rank);
  const movers = byRank.filter(({ mover }) => mover);
  return movers.length >= 2
    ? { set: "movers", heads: movers }
    : { set: "top heads", heads: byRank.slice(0, TOP_HEADS) };
}

async function readAll(
  prompts: readonly { fact: number; prompt: FurtherContext["measured"][number]["prompts"][number] }[],
  heads: readonly HeadReport[],
  { execute, progress }: FurtherContext,
): Promise<JointPrompt[]> {
  const perPrompt = planJoint(prompts[0]!.prompt, heads, 0).length;
  const perStep = Math.max(1, Math.floor(PASSES_PER_STEP / perPrompt));
  const out: JointPrompt[] = [];
  for (let first = 0; first < prompts.length; first += perStep) {
    const step = prompts.slice(first, first + perStep);
    const results = await execute(step.flatMap(({ prompt }, i) => planJoint(prompt, heads, i * perPrompt)));
    for (const [i, { fact }] of step.entries())
      out.push({ fact, ...readJoint(results.slice(i * perPrompt, (i + 1) * perPrompt), heads.length) });
    progress(first + step.length, prompts.length);
  }
  return out;
}
