/** Rows of a CSV file with a header (RFC 4180), its `#` comment lines left out. */
export function readCsv(text: string): Record<string, string>[] {
  const lines: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const body = text.replace(/^(#.*\r?\n)+/, "");
  for (let at = 0; at < body.length; at++) {
    const character = body[at]!;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (body[at + 1] === '"') cell += body[at++];
      else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ",") {
      lines.at(-1)!.push(cell);
      cell = "";
    } else if (character === "\n") {
      lines.at(-1)!.push(cell);
      cell = "";
      lines.push([]);
    } else if (character !== "\r") cell += character;
  }
  lines.at(-1)!.push(cell);
  const [header = [], ...rows] = lines;
  return rows.map((row) => Object.fromEntries(header.map((name, at) => [name, row[at] ?? ""])));
}
