import { EngineError } from "../errors.ts";

/** Refuses a position that a prompt of `length` tokens does not have, naming the allowed range. */
export function checkPosition(position: number, length: number, where: string): void {
  if (Number.isInteger(position) && position >= -length && position < length) return;
  throw new EngineError(
    "BAD_INPUT",
    `position of ${where}: ${position} (allowed: 0 to ${length - 1}, or -1 to -${length} from the end)`,
  );
}
