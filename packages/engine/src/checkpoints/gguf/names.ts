import type { Family, TensorRule } from "./family.ts";
import type { GgufTensor } from "./read-gguf.ts";
import { badGguf } from "./read-header.ts";

export interface NamedTensor extends TensorRule {
  name: string;
  tensor: GgufTensor;
  /** Shape in the architecture's form. */
  shape: readonly number[];
}

/**
 * The tensors of a file under their names in the architecture, in the file's order.
 * @throws EngineError BAD_WEIGHTS for a tensor that the family does not have: without it the model would be another
 */
export function nameTensors(tensors: readonly GgufTensor[], family: Family, file: string): NamedTensor[] {
  return tensors.flatMap((tensor) => {
    const [, block, part, kind] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(tensor.name) ?? [];
    const rule = family.tensors[block === undefined ? `${part}` : `blk.{layer}.${part}`];
    if (!rule) throw badGguf(file, `tensor ${tensor.name} is not part of ${family.name} as it is known here`);
    if (rule.name === null) return [];
    const name = `${rule.name.replace("{layer}", `${block}`)}.${kind}`;
    const { shape } = tensor;
    // A bias has nothing to transpose.
    const transposed = rule.change === "transposed" && shape.length === 2;
    const change = rule.change === "transposed" && !transposed ? "none" : rule.change;
    return [{ name, change, tensor, shape: transposed ? [shape[1]!, shape[0]!] : shape }];
  });
}
