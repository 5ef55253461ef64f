import type { Estimate } from "@/graphql/fragments.ts";
import type { HeadMetric } from "../argument-passing/metrics.ts";
import type { ArgumentPassing, Prediction, PromptNumbers } from "../queries.ts";

/** Metrics of heads that runs store by prompt; the others are there as means only. */
export const HEAD_METRICS_BY_PROMPT = ["effect", "noising", "denoising", "attentionToSubject"] as const;

const NOT_STORED = "stored as a mean over prompts only";

const alone = (prompt: number, value: number | null | undefined, reason: string | null): Estimate => ({
  value: value ?? null,
  low: null,
  high: null,
  n: 1,
  reason: value == null ? (reason ?? "not observed on this prompt") : null,
  prompt,
});

/** The lens of one prompt in the form of the run's; null where the run measured none on it. */
export function lensOfPrompt(lens: Prediction["lens"], numbers: PromptNumbers): Prediction["lens"] | null {
  if (!numbers.lens) return null;
  const { index } = numbers.prompt;
  const trajectory = ({
    rank,
    probability,
  }: {
    rank: readonly (number | null)[];
    probability: readonly (number | null)[];
  }) => ({
    medianRank: [...rank],
    probability: probability.map((value) => alone(index, value, null)),
    centredLogit: lens.states.map(() => alone(index, null, NOT_STORED)),
  });
  return { ...lens, subject: trajectory(numbers.lens.subject), answer: trajectory(numbers.lens.answer) };
}

/** Which of a head's numbers are of the prompt alone. */
export const metricsOfPrompt = ({ heads }: PromptNumbers): readonly HeadMetric[] =>
  HEAD_METRICS_BY_PROMPT.filter((metric) => heads !== null && heads[metric] !== null);

/** The run's heads with the prompt's own numbers where there are any; ranks, tests and movers stay those of the run. */
export function headsOfPrompt(data: ArgumentPassing, numbers: PromptNumbers): ArgumentPassing {
  const { heads } = numbers;
  if (!heads) return data;
  const own = metricsOfPrompt(numbers);
  const { index } = numbers.prompt;
  return {
    ...data,
    ...(heads.clean !== null && { cleanMetric: alone(index, heads.clean, null) }),
    ...(heads.corrupted !== null && { corruptedMetric: alone(index, heads.corrupted, null) }),
    heads: data.heads.map((head, at) => ({
      ...head,
      ...Object.fromEntries(
        own.map((metric) => [
          metric,
          alone(index, heads[metric as (typeof HEAD_METRICS_BY_PROMPT)[number]]?.[at], heads.reason),
        ]),
      ),
    })),
  };
}
