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

/** `all`, `last`, or a position counted from 0. */
export const position = (text: string): "all" | "last" | number => {
  if (text === "last" || text === "all") return text;
  if (!/^\d+$/.test(text))
    throw new InvalidArgumentError(
      "Allowed: last, or a position counted from 0; or all, where a whole prompt is meant.",
    );
  return Number(text);
};

/** Names separated by commas or blanks. */
export const nameList = (text: string): string[] => {
  const names = text.split(/[\s,]+/).filter(Boolean);
  if (names.length === 0) throw new InvalidArgumentError("Allowed: hook names or globs separated by commas.");
  return names;
};

/** Parts separated by commas, each read by `read`; null of it is a part that is not understood. */
export const listOf =
  <T>(read: (part: string) => T | null, allowed: string) =>
  (text: string): T[] =>
    text.split(",").map((part) => {
      const value = read(part.trim());
      if (value === null)
        throw new InvalidArgumentError(`Not understood: "${part.trim()}". Allowed: ${allowed}.`);
      return value;
    });

const UNITS: Record<string, number> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
};
const LEAST_MEMORY = 2 ** 24;

/** A size in bytes: `512MB`, `1.5 GB`, `2GiB`. */
export const memory = (text: string): number => {
  const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([kmg]?i?b)$/i.exec(text.trim()) ?? [];
  const bytes = Number(number) * (UNITS[unit?.toLowerCase() ?? ""] ?? Number.NaN);
  if (!(bytes >= LEAST_MEMORY))
    throw new InvalidArgumentError("Allowed: a size from 16MiB, such as 512MB or 2GB.");
  return Math.floor(bytes);
};
