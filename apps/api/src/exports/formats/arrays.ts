import { type LabeledArray, safetensorsHeader, type WrittenTensor } from "@recallscope/engine";
import { toBytes } from "../../results/float-bytes.ts";
import { type Stamp, stampMetadata } from "../stamp.ts";

export const arrayTensor = ({ name, axes }: LabeledArray): WrittenTensor => ({
  name,
  dtype: "F32",
  shape: axes.map(({ labels }) => labels.length),
});

/**
 * All labeled arrays as .safetensors, bit for bit; NaN = not observed. Metadata: run, receipt, warnings, and `array:NAME` with
 * unit and labeled axes as JSON.
 */
export function* arraysFile(arrays: readonly LabeledArray[], stamp: Stamp): Generator<Uint8Array> {
  yield safetensorsHeader(arrays.map(arrayTensor), {
    format: "recallscope-arrays",
    ...Object.fromEntries(stampMetadata(stamp)),
    ...Object.fromEntries(
      arrays.map(({ name, unit, axes }) => [`array:${name}`, JSON.stringify({ unit, axes })]),
    ),
  });
  for (const { values } of arrays) yield toBytes(values);
}
