import type { FileHandle } from "node:fs/promises";
import { EngineError } from "../errors.ts";

// One read call takes at most 2^31 - 1 bytes.
const MOST = 1 << 30;

/** Fills `bytes` from `position` of an open file; a file that ends before is refused. */
export async function readExactly(
  handle: FileHandle,
  bytes: Uint8Array,
  position: number,
  file: string,
): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesRead } = await handle.read(
      bytes,
      done,
      Math.min(MOST, bytes.length - done),
      position + done,
    );
    if (bytesRead === 0) {
      throw new EngineError(
        "BAD_WEIGHTS",
        `weight file ${file}: ends at byte ${position + done}, ${position + bytes.length} expected (did it change while in use?)`,
      );
    }
    done += bytesRead;
  }
}
