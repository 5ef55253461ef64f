/** Names joined by commas for the address; commas and per cents within a name are written out. */
export const joinNames = (names: readonly string[]): string =>
  names.map((name) => name.replaceAll("%", "%25").replaceAll(",", "%2C")).join(",");

export const splitNames = (text: string): string[] =>
  text
    .split(",")
    .filter(Boolean)
    .map((name) => name.replaceAll("%2C", ",").replaceAll("%25", "%"));
