import { EngineError } from "../../errors.ts";
import type { ImportReport } from "./import-report.ts";

/** The text of a UTF-8 file; a byte order mark is taken off and noted. @throws EngineError BAD_INPUT for any other encoding */
export function decodeText(bytes: Uint8Array, where: string, report: ImportReport): string {
  const [a, b, c] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff))
    throw new EngineError("BAD_INPUT", `file ${where}: is UTF-16 (save it as UTF-8)`);
  if (a === 0xef && b === 0xbb && c === 0xbf) report.notes.push("the byte order mark was taken off");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new EngineError("BAD_INPUT", `file ${where}: is not UTF-8 (save it as UTF-8)`, { cause: error });
  }
}

/** @throws EngineError BAD_INPUT */
export function decodeJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EngineError("BAD_INPUT", `file ${where}: is not JSON (${(error as Error).message})`, {
      cause: error,
    });
  }
}
