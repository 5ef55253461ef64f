"use client";
import { IconButton } from "@/ui/button.tsx";
import { ChevronIcon } from "@/ui/icons.tsx";

/** Chooses one of the layers that have results; arrows step through them. */
export function LayerPicker(props: {
  layers: readonly number[];
  headline: number | null;
  value: number;
  onChange: (layer: number) => void;
}) {
  const { layers, headline, value, onChange } = props;
  const at = layers.indexOf(value);
  const step = (by: number) => {
    const next = layers[at + by];
    if (next !== undefined) onChange(next);
  };
  return (
    <div className="flex items-center gap-1">
      <IconButton
        label="Layer before"
        disabled={at <= 0}
        onClick={() => step(-1)}
        className="disabled:opacity-30"
      >
        <ChevronIcon className="rotate-180" />
      </IconButton>
      <label>
        <span className="sr-only">MLP layer</span>
        <select className="control" value={value} onChange={(event) => onChange(Number(event.target.value))}>
          {layers.map((layer) => (
            <option key={layer} value={layer}>
              MLP{layer}
              {layer === headline ? " (headline)" : ""}
            </option>
          ))}
        </select>
      </label>
      <IconButton
        label="Layer after"
        disabled={at >= layers.length - 1}
        onClick={() => step(1)}
        className="disabled:opacity-30"
      >
        <ChevronIcon />
      </IconButton>
    </div>
  );
}

/** The layer of the address if it has results, else the headline layer, else the last one. */
export const chosenLayer = (
  text: string,
  layers: readonly number[],
  headline: number | null,
): number | null => {
  const asked = Number(text);
  if (text !== "" && layers.includes(asked)) return asked;
  if (headline !== null && layers.includes(headline)) return headline;
  return layers.at(-1) ?? null;
};
