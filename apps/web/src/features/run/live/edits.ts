import { headLabel, parseHead } from "../../../format/heads.ts";

/** A head or MLP with its factor. */
export interface ScaledPart {
  label: string;
  layer: number;
  /** null: the layer's MLP. */
  head: number | null;
  scale: number;
}

/** What a reader changes in the model, as it stands in the address. */
export interface Edits {
  parts: ScaledPart[];
  /** An MLP's intercept, added alpha times. */
  intercept: { layer: number; alpha: number } | null;
}

export const SCALE = { min: 0, max: 2, step: 0.05 } as const;
export const ALPHA = { min: -4, max: 4, step: 0.25 } as const;
export const NO_EDITS: Edits = { parts: [], intercept: null };

export const mlpLabel = (layer: number): string => `MLP${layer}`;

/** The part that a label names, `L9H8` or `MLP9`, as it is; null for anything else. */
export function partOf(label: string): ScaledPart | null {
  const mlp = /^MLP(\d+)$/i.exec(label.trim());
  if (mlp) return { label: mlpLabel(Number(mlp[1])), layer: Number(mlp[1]), head: null, scale: 1 };
  const head = parseHead(label);
  return head && { ...head, label: headLabel(head.layer, head.head), scale: 1 };
}

/** Reads `L5H0:0.5,MLP3:2,b5:1`: factors of heads and MLPs, and the intercept of layer 5 once. What it does not understand is left out. */
export function readEdits(text: string): Edits {
  const edits: Edits = { parts: [], intercept: null };
  for (const item of text.split(",")) {
    const [name = "", amount = ""] = item.split(":");
    const value = Number(amount);
    if (amount.trim() === "" || !Number.isFinite(value)) continue;
    const layer = /^b(\d+)$/.exec(name.trim())?.[1];
    if (layer !== undefined) edits.intercept = { layer: Number(layer), alpha: within(value, ALPHA) };
    else {
      const part = partOf(name);
      if (part && !edits.parts.some(({ label }) => label === part.label))
        edits.parts.push({ ...part, scale: within(value, SCALE) });
    }
  }
  return edits;
}

export const writeEdits = ({ parts, intercept }: Edits): string =>
  [
    ...parts.map(({ label, scale }) => `${label}:${shortest(scale)}`),
    ...(intercept ? [`b${intercept.layer}:${shortest(intercept.alpha)}`] : []),
  ].join(",");

const within = (value: number, { min, max }: { min: number; max: number }): number =>
  Math.min(max, Math.max(min, value));
const shortest = (value: number): string => String(Number(value.toFixed(3)));

/** The part with another factor; added where it was not among them. */
export const withPart = (edits: Edits, part: ScaledPart): Edits => ({
  ...edits,
  parts: edits.parts.some(({ label }) => label === part.label)
    ? edits.parts.map((own) => (own.label === part.label ? part : own))
    : [...edits.parts, part],
});

export const withoutPart = (edits: Edits, label: string): Edits => ({
  ...edits,
  parts: edits.parts.filter((own) => own.label !== label),
});

/** As the API takes it; factors of 1 change nothing and are left out. */
export function interventionInput({ parts, intercept }: Edits) {
  const changed = parts.filter(({ scale }) => scale !== 1);
  return {
    heads: changed.flatMap(({ layer, head, scale }) => (head === null ? [] : [{ layer, head, scale }])),
    mlps: changed.flatMap(({ layer, head, scale }) => (head === null ? [{ layer, scale }] : [])),
    ...(intercept && intercept.alpha !== 0 && { intercept }),
    top: 8,
  };
}
