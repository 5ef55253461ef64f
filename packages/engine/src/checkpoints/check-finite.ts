import { type FileHandle, open } from "node:fs/promises";
import { EngineError } from "../errors.ts";
import type { Checkpoint, TensorLocation } from "./checkpoint.ts";
import { readExactly } from "./read-exactly.ts";

const CHUNK = 1 << 24;
const checked = new Set<string>();

/** Refuses weights with NaN or infinite numbers: one of them makes every result meaningless. Checked once per content and process. */
export async function checkFinite(checkpoint: Checkpoint): Promise<void> {
  if (checked.has(checkpoint.weightHash)) return;
  const buffer = new ArrayBuffer(CHUNK);
  const tensors = [...checkpoint.tensors.values()];
  for (const file of new Set(tensors.map((tensor) => tensor.file))) {
    const handle = await open(file, "r");
    try {
      for (const tensor of tensors.filter((t) => t.file === file)) {
        const index = await firstNotFinite(handle, tensor, buffer);
        if (index !== null) {
          throw new EngineError(
            "BAD_WEIGHTS",
            `tensor ${tensor.name} in ${file}: number ${index} is NaN or infinite (download the file again)`,
          );
        }
      }
    } finally {
      await handle.close();
    }
  }
  checked.add(checkpoint.weightHash);
}

async function firstNotFinite(
  handle: FileHandle,
  { dtype, file, length, offset }: TensorLocation,
  buffer: ArrayBuffer,
): Promise<number | null> {
  for (let done = 0; done < length; done += CHUNK) {
    const bytes = new Uint8Array(buffer, 0, Math.min(CHUNK, length - done));
    await readExactly(handle, bytes, offset + done, file);
    const index = scan(bytes, dtype);
    if (index !== null) return done / (dtype === "F32" ? 4 : 2) + index;
  }
  return null;
}

/** A number is not finite when all its exponent bits are set. */
function scan({ buffer, length }: Uint8Array, dtype: TensorLocation["dtype"]): number | null {
  const words =
    dtype === "F32" ? new Uint32Array(buffer, 0, length / 4) : new Uint16Array(buffer, 0, length / 2);
  const exponent = dtype === "F32" ? 0x7f800000 : dtype === "BF16" ? 0x7f80 : 0x7c00;
  for (let i = 0; i < words.length; i++) if ((words[i]! & exponent) === exponent) return i;
  return null;
}
