import type { ModelFacts } from "../../architectures/architecture.ts";
import { EngineError } from "../../errors.ts";
import type { HeadRef } from "../../sweeps/head-pairs.ts";

/** @throws EngineError BAD_INPUT naming the heads there are */
export function checkHead({ layer, head }: HeadRef, { layers, heads }: Pick<ModelFacts, "layers" | "heads">) {
  const inside = (value: number, count: number) => Number.isInteger(value) && value >= 0 && value < count;
  if (inside(layer, layers) && inside(head, heads)) return;
  throw new EngineError(
    "BAD_INPUT",
    `head L${layer}H${head}: the model has none (allowed: layers 0 to ${layers - 1}, heads 0 to ${heads - 1})`,
  );
}
