import type { TrajectoriesReport, TrajectoryLabel } from "../../results/trajectories.ts";
import { SUFFICIENT_FACTS } from "../analysis.ts";

/** Share of prompts with an argument stage from which on a task is said to have one. */
const SHARE = 0.5;

type Measures = Pick<TrajectoriesReport, "signature" | "signatureGain" | "attentionRise" | "attentionLead">;

/** The declared rule of `TrajectoriesReport.label`; a claim needs intervals on at least 8 facts. */
export function labelTrajectories(
  { signature, signatureGain, attentionRise, attentionLead }: Measures,
  facts: number,
): { label: TrajectoryLabel; reason?: string } {
  const not = (reason: string) => ({ label: "not observed" as const, reason });
  if (facts < SUFFICIENT_FACTS)
    return not(`${facts} facts: fewer than ${SUFFICIENT_FACTS}, so no label is given`);
  if (signature.value === null) return not(signature.reason!);
  if (signature.value >= SHARE) {
    if (signatureGain.value === null) return not(signatureGain.reason!);
    if (above(signatureGain.low)) return { label: "argument-function" };
    return not("the subject's argument stage is no more frequent than that of the donor's subject");
  }
  if (signature.high === null || signature.high >= SHARE)
    return not(`too few prompts with an argument stage, and too few without one, to tell`);
  if (above(attentionRise.low) && above(attentionLead.low)) return { label: "attribute extraction by heads" };
  return not(
    "no argument stage, and the answer does not rise by the attention sublayers more than by the MLPs",
  );
}

const above = (low: number | null): boolean => low !== null && low > 0;
