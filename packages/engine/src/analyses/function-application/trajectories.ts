import { trajectoryFigures } from "../../figures/mlp-and-function.ts";
import { type ResidualState, residualStates } from "../../hooks/residual-states.ts";
import { inGroups } from "../../math/in-groups.ts";
import { median, quantile } from "../../math/statistics.ts";
import { type Estimate, notObserved } from "../../results/estimate.ts";
import type { LabeledArray } from "../../results/labeled-array.ts";
import type {
  Quartiles,
  TokenTrajectory,
  TrajectoriesReport,
  TrajectoryStage,
} from "../../results/trajectories.ts";
import { defineFurther, type FurtherContext } from "../further.ts";
import { meanOverPrompts } from "../per-fact.ts";
import { follow, type LensTrack, type PromptTracks } from "./lens-tracks.ts";
import { otherRelations } from "./other-relations.ts";
import { argumentPeak, crossover, hasArgumentStage, saturation } from "./stages.ts";
import { labelTrajectories } from "./trajectory-label.ts";

const FACTS_PER_STEP = 4;
const RANK_LIMIT = 50;
/** In a small vocabulary rank 50 says nothing. */
const RANK_SHARE = 0.01;

/**
 * Trajectories of function application (the argument comes up first, then the function's value): logit lens of the subject's token, the answer, the
 * likeliest answer of another relation and a control subject at the last position over all states of the residual stream.
 */
export const trajectories = defineFurther<TrajectoriesReport>({
  id: "trajectories",
  title: "Trajectories of argument and answer",
  mechanism: "function application",
  summary: "Whether the subject surfaces at the last position before the answer takes over, and where.",
  standard: true,
  figures: trajectoryFigures,

  async run(context) {
    const { measured, model, progress } = context;
    const states = residualStates(model);
    const others = otherAnswers(context);
    const tracks: PromptTracks[][] = [];
    for (const group of inGroups(measured, FACTS_PER_STEP)) {
      const prompts = group.flatMap((fact) => fact.prompts);
      const results = await context.execute(
        prompts.map(({ tokens }) => ({
          tokens,
          capture: states.map(({ hook }) => ({ hook, positions: "last" as const })),
        })),
      );
      for (const fact of group) {
        const own = fact.prompts.map((prompt) => results[prompts.indexOf(prompt)]!);
        tracks.push(await follow(fact, own, others[tracks.length]!, states, context));
      }
      progress(tracks.length, measured.length);
    }
    return { ...summarise(tracks, states, context), arrays: arraysOf(tracks, states) };
  },
});

/** Tokens that related tasks answer with about the same subject, per measured fact; not the fact's own answer or subject. */
function otherAnswers(context: FurtherContext): number[][] {
  const { measured, facts } = context;
  const tokens = measured.map(() => new Set<number>());
  for (const { shared } of otherRelations(context).relations)
    for (const { measured: fact, answerToken } of shared) tokens[fact]!.add(answerToken);
  return tokens.map((own, i) => {
    const { answerToken, subjectToken } = facts[measured[i]!.index]!;
    return [...own].filter((token) => token !== answerToken && token !== subjectToken);
  });
}

type Role = "subject" | "answer" | "control" | "otherRelation";
const UNSEEN = {
  subject: "no known fact",
  answer: "no known fact",
  control: "no known fact has a donor whose subject starts with another token",
  otherRelation: "no related task asks about these subjects",
} as const satisfies Record<Role, string>;

const TOGETHER = notObserved("attention and MLP of a block write at once: no state lies between them");

function summarise(
  tracks: readonly PromptTracks[][],
  states: readonly ResidualState[],
  context: FurtherContext,
): TrajectoriesReport {
  const { model, facts, measured } = context;
  const rankLimit = Math.min(RANK_LIMIT, Math.floor(RANK_SHARE * model.vocabulary));
  const token = (role: Role) => trajectoryOf(tracks, role, states.length);
  const [subject, answer] = [token("subject"), token("answer")];
  // Where subject and answer share their first token, one track is read twice and nothing can cross.
  const told = tracks.map((own, i) => {
    const { subjectToken, answerToken } = facts[measured[i]!.index]!;
    return subjectToken === answerToken ? [] : own;
  });
  const same = "subject and answer start with the same token";
  const over = (value: (tracks: PromptTracks) => number): Estimate =>
    meanOverPrompts(
      told.map((own) => own.map(value)),
      context,
      tracks.length ? same : UNSEEN.subject,
    );
  const signatureOf = ({ subject, answer }: PromptTracks) =>
    Number(hasArgumentStage(subject, answer, rankLimit));
  const controlOf = ({ control, answer }: PromptTracks) =>
    control ? Number(hasArgumentStage(control, answer, rankLimit)) : Number.NaN;
  const attention = ({ answer }: PromptTracks) => rise(answer, states, "mid");
  const mlps = ({ answer }: PromptTracks) => rise(answer, states, "post");
  const controlled = (value: (tracks: PromptTracks) => number): Estimate =>
    meanOverPrompts(
      told.map((own) => own.map(value)),
      context,
      UNSEEN.control,
    );
  const middle = ({ rank, centredLogit }: TokenTrajectory) =>
    rank.median.includes(null)
      ? null
      : { rank: rank.median.map(Number), centredLogit: centredLogit.median.map(Number) };
  const [s, y] = [middle(subject), middle(answer)];
  const stage = (state: number | null, of: (tracks: PromptTracks) => number | null, never: string) =>
    stageOf(told, state, of, states, context, never);
  const measures = {
    signature: over(signatureOf),
    controlSignature: controlled(controlOf),
    signatureGain: controlled((t) => signatureOf(t) - controlOf(t)),
    ...(model.block === "parallel"
      ? { attentionRise: TOGETHER, mlpRise: TOGETHER, attentionLead: TOGETHER }
      : {
          attentionRise: over(attention),
          mlpRise: over(mlps),
          attentionLead: over((t) => attention(t) - mlps(t)),
        }),
  };
  return {
    states: states.map(({ hook: _, ...state }) => state),
    prompts: told.flat().length,
    excluded: tracks.flat().length - told.flat().length,
    subject,
    answer,
    otherRelation: token("otherRelation"),
    control: token("control"),
    argumentPeak: stage(s && argumentPeak(s), (t) => argumentPeak(t.subject), same),
    crossover: stage(
      s && y && crossover(s, y),
      (t) => crossover(t.subject, t.answer),
      "the answer never takes over from the subject for good",
    ),
    saturation: stage(y && saturation(y), (t) => saturation(t.answer), same),
    rankLimit,
    ...measures,
    ...labelTrajectories(measures, told.filter((own) => own.length).length),
  };
}

/** How much the centred logit grows over the steps that end in states of one kind. */
function rise({ centredLogit }: LensTrack, states: readonly ResidualState[], point: "mid" | "post"): number {
  return states.reduce(
    (sum, state, s) => (state.point === point ? sum + centredLogit[s]! - centredLogit[s - 1]! : sum),
    0,
  );
}

function trajectoryOf(tracks: readonly PromptTracks[][], role: Role, states: number): TokenTrajectory {
  const own = tracks
    .map((prompts) => prompts.flatMap(({ [role]: track }) => track ?? []))
    .filter((t) => t.length);
  const quartiles = (key: keyof LensTrack): Quartiles => {
    const perState = Array.from({ length: states }, (_, s) =>
      own.map((prompts) => median(prompts.map((track) => track[key][s]!))!),
    );
    const at = (share: number) => perState.map((values) => (values.length ? quantile(values, share) : null));
    return { lower: at(0.25), median: at(0.5), upper: at(0.75) };
  };
  return {
    rank: quartiles("rank"),
    centredLogit: quartiles("centredLogit"),
    probability: quartiles("probability"),
    facts: own.length,
    ...(own.length === 0 && { reason: UNSEEN[role] }),
  };
}

function stageOf(
  tracks: readonly PromptTracks[][],
  state: number | null,
  of: (tracks: PromptTracks) => number | null,
  states: readonly ResidualState[],
  context: FurtherContext,
  never: string,
): TrajectoryStage {
  const depths = tracks.map((own) =>
    own.map((t) => {
      const at = of(t);
      return at === null ? Number.NaN : states[at]!.depth;
    }),
  );
  return {
    state,
    depth: meanOverPrompts(depths, context, never),
    observed: depths.flat().filter((depth) => !Number.isNaN(depth)).length,
  };
}

/** Per prompt: ranks of control and other relation, and the places of the three stages in `states` (NaN = never). */
function arraysOf(tracks: readonly PromptTracks[][], states: readonly ResidualState[]): LabeledArray[] {
  const rows = tracks.flat();
  const prompts = { dim: "prompt" as const, labels: rows.map(({ prompt }) => String(prompt)) };
  const ranks = (role: "control" | "otherRelation"): LabeledArray => ({
    name: `trajectories.${role}.rank`,
    unit: "rank",
    axes: [prompts, { dim: "state", labels: states.map(({ label }) => label) }],
    values: Float32Array.from(rows.flatMap((row) => [...(row[role]?.rank ?? states.map(() => Number.NaN))])),
  });
  return [
    ranks("control"),
    ranks("otherRelation"),
    {
      name: "trajectories.stages",
      unit: "count",
      axes: [prompts, { dim: "component", labels: ["argumentPeak", "crossover", "saturation"] }],
      values: Float32Array.from(
        rows.flatMap(({ subject, answer }) => [
          argumentPeak(subject),
          crossover(subject, answer) ?? Number.NaN,
          saturation(answer),
        ]),
      ),
    },
  ];
}
