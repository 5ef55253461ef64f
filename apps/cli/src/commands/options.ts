import { InvalidArgumentError } from "commander";

/** A commander parser for whole numbers within bounds. */
export const wholeNumber = (low: number, high: number) => (text: string) => {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || value < low || value > high)
    throw new InvalidArgumentError(`Allowed: a whole number from ${low} to ${high}.`);
  return value;
};

/** A commander parser for a name out of a list; case, spaces and dashes do not matter. */
export const oneOf =
  <const T extends string>(allowed: readonly T[]) =>
  (text: string): T => {
    const wanted = text
      .trim()
      .replace(/[\s-]+/g, "_")
      .toUpperCase();
    const found = allowed.find((name) => name.toUpperCase() === wanted);
    if (found === undefined) throw new InvalidArgumentError(`Allowed: ${allowed.join(", ")}.`);
    return found;
  };

/** `last`, or a position counted from 0. */
export const position = (text: string): "last" | number => {
  if (text === "last") return text;
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Allowed: last, or a position counted from 0.");
  return Number(text);
};

/** Names separated by commas or blanks. */
export const nameList = (text: string): string[] => {
  const names = text.split(/[\s,]+/).filter(Boolean);
  if (names.length === 0) throw new InvalidArgumentError("Allowed: hook names or globs separated by commas.");
  return names;
};
