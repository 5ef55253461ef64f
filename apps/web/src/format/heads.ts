/** Reads a head as people write it: `L9H8`, `9.8`, `(9,8)`, `a9.h8`; null when it is none of these. */
export function parseHead(text: string): { layer: number; head: number } | null {
  const match = /^\s*\(?\s*(?:[la])?\s*(\d+)\s*[.,h]\s*h?\s*(\d+)\s*\)?\s*$/i.exec(text);
  return match ? { layer: Number(match[1]), head: Number(match[2]) } : null;
}

export const headLabel = (layer: number, head: number): string => `L${layer}H${head}`;

/** A token as it is, with its leading space made visible. */
export const visibleToken = (text: string): string =>
  text.replace(/^ /, "·").replaceAll("\n", "⏎").replaceAll("\t", "⇥");
