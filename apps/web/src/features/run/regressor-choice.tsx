"use client";
import { oneOf } from "@/state/url-state.ts";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import type { RunView } from "./view-state.ts";

const CHOICES = [
  { value: "R2", label: "R2: heads up to this layer", tip: "All heads of layers up to the MLP's own" },
  {
    value: "R1",
    label: "R1: heads of this layer",
    tip: "Only the heads of the last attention the MLP reads: its own layer's, in parallel blocks that before",
  },
] as const;

export const regressorsOf = (view: RunView): "R1" | "R2" => oneOf(view.values.reg, ["R2", "R1"] as const);

export function RegressorChoice({ view }: { view: RunView }) {
  return (
    <ChoiceGroup
      label="Regressors"
      value={regressorsOf(view)}
      choices={CHOICES}
      onChange={(reg) => view.set({ reg })}
    />
  );
}
