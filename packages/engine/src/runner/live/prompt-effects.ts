import { MIN_DENOMINATOR } from "../../analyses/argument-passing/thresholds.ts";
import type { PatchedLogits, PromptEffects } from "../../results/live.ts";

/** Normalised effects of one pair. @returns why there are none, where the pair has nothing to lose or its runs hardly differ */
export function promptEffects({
  clean,
  corrupted,
  noising,
  denoising,
}: PatchedLogits): PromptEffects | { reason: string } {
  const total = clean - corrupted;
  if (clean <= 0) return { reason: "the clean run prefers the donor's answer" };
  if (Math.abs(total) <= MIN_DENOMINATOR)
    return { reason: `clean and corrupted differ by ${total.toPrecision(2)} logits only` };
  const out: PromptEffects = {
    noising: Float64Array.from(noising, (value) => (clean - value) / total),
    denoising: Float64Array.from(denoising, (value) => (value - corrupted) / total),
    effect: new Float64Array(noising.length),
  };
  for (let i = 0; i < out.effect.length; i++) out.effect[i] = (out.noising[i]! + out.denoising[i]!) / 2;
  return out;
}
