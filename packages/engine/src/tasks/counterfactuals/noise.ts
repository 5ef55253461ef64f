import { hookName } from "../../hooks/hook-points.ts";
import { normalFrom, seededRandom } from "../../math/random.ts";
import type { Edit } from "../../planner/forward-pass.ts";
import type { PreparedPrompt } from "../prepare.ts";

export const NOISE_DRAWS = 10;
/** Standard deviations of the token embedding that the noise has (Meng et al. 2022). */
export const NOISE_SCALE = 3;

/**
 * Noise corruption of Meng et al. 2022: independent N(0, deviation^2) on every coordinate of the subject's embeddings, as edits of the
 * first block's input that add it. @returns edits per draw, one per subject token; the same seed and prompt give the same noise
 */
export function noiseDraws(
  { text, subjectSpan: [first, end] }: Pick<PreparedPrompt, "text" | "subjectSpan">,
  width: number,
  deviation: number,
  seed: number,
  draws = NOISE_DRAWS,
): Edit[][] {
  return Array.from({ length: draws }, (_, draw) => {
    const normal = normalFrom(seededRandom(`noise ${seed} ${draw} ${text}`));
    return Array.from({ length: end - first }, (_, i) => ({
      hook: hookName("hook_resid_pre", 0),
      position: first + i,
      scale: 1,
      value: Float32Array.from({ length: width }, () => deviation * normal()),
    }));
  });
}
