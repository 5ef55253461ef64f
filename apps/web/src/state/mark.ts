/**
 * What figures and tables share: a head `L9H8`, a layer `L9` (its MLP too) or a prompt `#12`. Marks and rows that show one carry
 * its name as `data-label`, so that all of them light up together.
 */
export type Mark =
  | { kind: "head"; label: string }
  | { kind: "layer"; layer: number }
  | { kind: "prompt"; prompt: number };

export const layerMark = (layer: number): string => `L${layer}`;
export const promptMark = (prompt: number): string => `#${prompt}`;

export function readMark(text: string): Mark | null {
  if (/^L\d+H\d+$/.test(text)) return { kind: "head", label: text };
  const layer = /^L(\d+)$/.exec(text);
  if (layer) return { kind: "layer", layer: Number(layer[1]) };
  const prompt = /^#(\d+)$/.exec(text);
  return prompt ? { kind: "prompt", prompt: Number(prompt[1]) } : null;
}

/** The mark that a tooltip's first words name: `L9H8: effect` or `MLP9`; null when they name none. */
export function markOfTip(tip: string): string | null {
  const head = /^L\d+H\d+\b/.exec(tip)?.[0];
  if (head) return head;
  const mlp = /^MLP(\d+)\b/.exec(tip)?.[1];
  return mlp === undefined ? null : layerMark(Number(mlp));
}
