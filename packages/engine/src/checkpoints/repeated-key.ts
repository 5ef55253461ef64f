const [QUOTE, BACKSLASH, COLON, OPEN, CLOSE] = [34, 92, 58, [123, 91], [125, 93]];

/** The first key that the outermost object of valid JSON text has twice, which JSON.parse passes over; null where there is none. */
export function repeatedKey(json: string): string | null {
  const seen = new Set<string>();
  let [depth, start, end] = [0, 0, 0];
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (code === QUOTE) {
      start = i++;
      while (json.charCodeAt(i) !== QUOTE) i += json.charCodeAt(i) === BACKSLASH ? 2 : 1;
      end = i + 1;
    } else if (OPEN.includes(code)) depth++;
    else if (CLOSE.includes(code)) depth--;
    else if (code === COLON && depth === 1) {
      const key = JSON.parse(json.slice(start, end)) as string;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return null;
}
