import type { Estimate } from "../../results/estimate.ts";
import type { HeadRole } from "../../results/source-attribution.ts";

/** Least direct logit attribution, in logits, that a role asks for. */
export const ROLE_THRESHOLD = 0.1;

/** Means over prompts with intervals clustered by fact, in logits. */
export interface RoleEvidence {
  /** From subject positions: on the subject's token, and by how much that exceeds the answer's lead over the other candidates. */
  subjectOnSubject: Estimate;
  subjectMargin: Estimate;
  /** From subject positions: on the answer against the other candidates. */
  answerFromSubject: Estimate;
  /** From relation positions: on all candidates, and on the answer against the others. */
  candidatesFromRelation: Estimate;
  answerFromRelation: Estimate;
}

/**
 * What a head does at the last position, by what it writes from where (Chughtai et al. 2024; argument passing of Lv et al. 2024):
 * - argument passer: from the subject it writes the subject's token, and more of it than of the answer's lead;
 * - attribute extractor: from the subject it writes the answer's lead over the other candidates;
 * - relation head: from the relation word it writes the candidates at large, and tells the answer from them by less than ROLE_THRESHOLD
 *   (an interval inside it, so that noise makes no relation head);
 * - mixed: more than one of these; none: none of them is shown by intervals above 0 and means of at least ROLE_THRESHOLD.
 */
export function headRole(evidence: RoleEvidence): HeadRole {
  const { low, high } = evidence.answerFromRelation;
  const roles: HeadRole[] = [];
  if (shown(evidence.subjectOnSubject) && isAbove(evidence.subjectMargin)) roles.push("argument passer");
  if (shown(evidence.answerFromSubject)) roles.push("attribute extractor");
  const tellsNoneApart = low !== null && high !== null && low > -ROLE_THRESHOLD && high < ROLE_THRESHOLD;
  if (shown(evidence.candidatesFromRelation) && tellsNoneApart) roles.push("relation head");
  return roles.length > 1 ? "mixed" : (roles[0] ?? "none");
}

const isAbove = ({ low }: Estimate): boolean => low !== null && low > 0;
const shown = (estimate: Estimate): boolean =>
  isAbove(estimate) && estimate.value !== null && estimate.value >= ROLE_THRESHOLD;
