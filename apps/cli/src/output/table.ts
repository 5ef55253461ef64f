/** Columns of text as wide as their widest cell; the first `left` ones are set left, the others right. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { left = 1 } = {},
): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column < left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd();
  return [line(header), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)].join("\n");
}

/** Names and what they are, one line each. */
export function pairs(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`).join("\n");
}

/** Names and shapes of the tensors of a file. */
export const shapes = (tensors: readonly { name: string; shape: readonly number[] }[]): string =>
  table(
    ["tensor", "shape"],
    tensors.map(({ name, shape }) => [name, `[${shape.join(", ")}]`]),
  );
