import { open } from "node:fs/promises";
import { EngineError } from "../errors.ts";
import type { Checkpoint, TensorLocation } from "./checkpoint.ts";

const CHUNK = 1 << 24;
const checked = new Set<string>();

/** Refuses weights with NaN or infinite numbers: one of them makes every result meaningless. Checked once per content and process. */
export async function checkFinite(checkpoint: Checkpoint): Promise<void> {
  if (checked.has(checkpoint.weightHash)) return;
  for (const tensor of checkpoint.tensors.values()) {
    const index = await firstNotFinite(tensor);
    if (index !== null) {
      throw new EngineError(
        "BAD_WEIGHTS",
        `tensor ${tensor.name} in ${tensor.file}: number ${index} is NaN or infinite (download the file again)`,
      );
    }
  }
  checked.add(checkpoint.weightHash);
}

async function firstNotFinite(tensor: TensorLocation): Promise<number | null> {
  const handle = await open(tensor.file, "r");
  try {
    const buffer = new ArrayBuffer(Math.min(CHUNK, tensor.length));
    for (let done = 0; done < tensor.length; ) {
      const { bytesRead } = await handle.read(
        new Uint8Array(buffer),
        0,
        Math.min(CHUNK, tensor.length - done),
        tensor.offset + done,
      );
      const index = scan(buffer, bytesRead, tensor.dtype);
      if (index !== null) return done / (tensor.dtype === "F32" ? 4 : 2) + index;
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
  return null;
}

/** A number is not finite when all its exponent bits are set. */
function scan(buffer: ArrayBuffer, bytes: number, dtype: TensorLocation["dtype"]): number | null {
  const words =
    dtype === "F32" ? new Uint32Array(buffer, 0, bytes / 4) : new Uint16Array(buffer, 0, bytes / 2);
  const exponent = dtype === "F32" ? 0x7f800000 : dtype === "BF16" ? 0x7f80 : 0x7c00;
  for (let i = 0; i < words.length; i++) if ((words[i]! & exponent) === exponent) return i;
  return null;
}
