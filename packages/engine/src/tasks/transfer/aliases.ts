/** Aliases in one cell: separated by `|`; a `|` or `\` of an alias itself has a `\` before it. */
export const joinAliases = (aliases: readonly string[]): string =>
  aliases.map((alias) => alias.replace(/[\\|]/g, "\\$&")).join("|");

/** The inverse of `joinAliases`; an empty cell has none. */
export function splitAliases(cell: string): string[] {
  if (cell === "") return [];
  const parts = [""];
  for (const [piece] of cell.matchAll(/\\[\\|]|./gsu)) {
    if (piece === "|") parts.push("");
    else parts[parts.length - 1] += piece.length === 2 && piece.startsWith("\\") ? piece.slice(1) : piece;
  }
  return parts;
}
