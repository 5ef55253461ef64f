import type { ModelFacts } from "../../architectures/architecture.ts";
import { hookName } from "../../hooks/hook-points.ts";
import type { ForwardPass, PassResult } from "../../planner/forward-pass.ts";
import type { Instruments } from "../instruments.ts";

/** The capture `centredLogits` reads. */
export const finalState = ({
  layers,
}: Pick<ModelFacts, "layers">): NonNullable<ForwardPass["capture"]>[number] => ({
  hook: hookName("hook_resid_post", layers - 1),
  positions: "last",
});

/**
 * logit(token) - mean logit at the last position of each result, in float64 from the final state under its own norm scale: no logits of the
 * whole vocabulary are needed.
 */
export async function centredLogits(
  results: readonly PassResult[],
  token: number,
  instruments: Instruments,
  { layers, logitCap }: Pick<ModelFacts, "layers" | "logitCap">,
): Promise<number[]> {
  if (logitCap !== null) return cappedLogits(results, token, instruments, layers);
  const direction = await instruments.directions([token]);
  const constant = (await instruments.constants([token]))[0]!;
  return results.map(({ captures }) => {
    const row = captures.get(hookName("hook_resid_post", layers - 1))!;
    const scale = instruments.scales(row)[0]!;
    let total = 0;
    for (let d = 0; d < row.length; d++) total += direction[d]! * row[d]!;
    return total / scale + constant;
  });
}

/** The same where logits are soft-capped: their mean is not linear in the final state, and the whole vocabulary is read. */
async function cappedLogits(
  results: readonly PassResult[],
  token: number,
  instruments: Instruments,
  layers: number,
): Promise<number[]> {
  const rows = results.map(({ captures }) => captures.get(hookName("hook_resid_post", layers - 1))!);
  const width = rows[0]?.length ?? 0;
  const all = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) all.set(row, i * width);
  const { logit, mean } = await instruments.read(
    instruments.normalise(all),
    rows.map(() => [token]),
    0,
  );
  return rows.map((_, i) => logit[i]! - mean[i]!);
}
