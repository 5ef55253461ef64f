import { headLabel, parseHead } from "../format/heads.ts";

/** A chosen head. A pinned one stays when another is clicked. */
export interface SelectedHead {
  label: string;
  pinned: boolean;
}

/** Reads the heads of an address, `L9H8,L10H0*`: the first is the primary one, a star pins. What is no head is left out. */
export function readHeads(text: string): SelectedHead[] {
  const heads = text.split(",").flatMap((part): SelectedHead[] => {
    const pinned = part.endsWith("*");
    const head = parseHead(pinned ? part.slice(0, -1) : part);
    return head ? [{ label: headLabel(head.layer, head.head), pinned }] : [];
  });
  return heads.filter(({ label }, at) => heads.findIndex((head) => head.label === label) === at);
}

export const writeHeads = (heads: readonly SelectedHead[]): string =>
  heads.map(({ label, pinned }) => label + (pinned ? "*" : "")).join(",");

/**
 * A click: the head takes the place of all that are not pinned. One that is chosen already becomes the primary one, and the primary one is
 * let go with all that are not pinned.
 */
export function clickHead(heads: readonly SelectedHead[], label: string): SelectedHead[] {
  const own = heads.find((head) => head.label === label);
  const others = heads.filter((head) => head !== own);
  if (own && own !== heads[0]) return [own, ...others];
  const kept = others.filter(({ pinned }) => pinned);
  return own ? (own.pinned ? [own, ...kept] : kept) : [{ label, pinned: false }, ...kept];
}

/** A click with Shift: adds the head behind the others, or takes it away. */
export const toggleHead = (heads: readonly SelectedHead[], label: string): SelectedHead[] =>
  heads.some((head) => head.label === label)
    ? heads.filter((head) => head.label !== label)
    : [...heads, { label, pinned: false }];

export const pinHead = (heads: readonly SelectedHead[], label: string): SelectedHead[] =>
  heads.some((head) => head.label === label)
    ? heads.map((head) => (head.label === label ? { ...head, pinned: !head.pinned } : head))
    : [...heads, { label, pinned: true }];

/** Lets go of what is not pinned; of everything when all is. */
export const clearHeads = (heads: readonly SelectedHead[]): SelectedHead[] => {
  const kept = heads.filter(({ pinned }) => pinned);
  return kept.length === heads.length ? [] : kept;
};
