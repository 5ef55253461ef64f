import { afterAll } from "vitest";
import type { FactPrompts } from "../../../src/analyses/analysis.ts";
import type { FurtherContext } from "../../../src/analyses/further.ts";
import { attributions } from "../../../src/gradients/attribution.ts";
import { gradients } from "../../../src/gradients/gradients.ts";
import { FactBootstrap } from "../../../src/math/fact-bootstrap.ts";
import { seededRandom } from "../../../src/math/random.ts";
import { execute } from "../../../src/planner/execute.ts";
import { DEFAULT_SETTINGS } from "../../../src/results/receipt.ts";
import { openInstruments } from "../../../src/session/model-instruments.ts";
import { openOracle } from "../../oracles/oracle.ts";

const FACTS = 8;

/** Prompts of random tokens on a tiny random model: [first, relation, rest, subject (2), shot answer, rest, last], two per fact. */
export async function contextOnOracle(family: string) {
  const { session } = await openOracle(family);
  afterAll(() => session.close());
  const model = session.spec.facts;
  const random = seededRandom(`sources ${family}`);
  const token = () => Math.floor(random() * model.vocabulary);
  const answers = Array.from({ length: FACTS }, (_, f) => f);
  const facts = answers.map((answerToken, f) => ({
    subject: `subject ${f}`,
    answer: `answer ${f}`,
    answerToken,
    answerTokens: [answerToken],
    donor: (f + 1) % FACTS,
    subjectToken: FACTS + f,
  }));
  const measured = facts.map(
    ({ answerToken, answerTokens }, f): FactPrompts => ({
      index: f,
      prompts: [0, 1].map((i) => ({
        index: 2 * f + i,
        fact: f,
        frame: `${i}/none`,
        text: "",
        tokens: Array.from({ length: 8 }, token),
        subjectSpan: [3, 5] as [number, number],
        roles: { relation: [1, 2] as [number, number], shots: [{ subject: [2, 3], answer: [5, 6] }] },
        answerToken,
        answerTokens,
        corrupted: { tokens: Array.from({ length: 8 }, token), wrongToken: (answerToken + 1) % FACTS },
      })),
    }),
  );
  const settings = { ...DEFAULT_SETTINGS, bootstrapSamples: 100 };
  const context = {
    model,
    settings,
    facts,
    candidates: answers,
    instruments: await openInstruments(session),
    measured,
    bootstrap: new FactBootstrap(FACTS, settings.bootstrapSamples, 1),
    report: { receipt: { model: { bos: { prepended: false, token: null } } } },
    task: { id: "oracle" },
    unknown: [],
    related: [],
    execute: (passes: Parameters<FurtherContext["execute"]>[0]) => execute(session, passes),
    gradients: (...asked: Parameters<FurtherContext["gradients"]>) => gradients(session, ...asked),
    attributions: (...[pairs, hooks, quadrature]: Parameters<FurtherContext["attributions"]>) =>
      attributions(session, pairs, hooks, quadrature ? { quadrature } : {}),
    progress: () => {},
  } as unknown as FurtherContext;
  return { context, session };
}
