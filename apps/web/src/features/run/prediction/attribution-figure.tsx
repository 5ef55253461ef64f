"use client";
import { useMemo } from "react";
import { type Bar, EstimateBars } from "@/charts/estimate-bars.tsx";
import { Figure } from "@/charts/figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { formatEstimate } from "@/format/estimates.ts";
import { formatNumber } from "@/format/numbers.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import type { Prediction } from "../queries.ts";

type Attribution = Prediction["directLogitAttribution"];
type Component = Attribution["components"][number];
const SHOWN = 20;

/** The components that write most for or against the answer. */
export function AttributionFigure({ attribution, name }: { attribution: Attribution; name: string }) {
  const { components } = attribution;
  const bars = useMemo(() => strongest(components).map(toBar), [components]);
  return (
    <Figure
      about={EXPLANATIONS.directLogitAttribution}
      name={name}
      table={() => ({
        columns: ["component", "kind", "answer logit", "low", "high", "n facts", "centred logit"],
        rows: components.map((component) => [
          component.label,
          component.kind.toLowerCase(),
          ...estimateColumns(component.answer),
          component.centred.value,
        ]),
      })}
      caption={`The ${bars.length} largest of ${components.length} components; their sum misses the logits by at most ${formatNumber(attribution.completenessError)}.`}
    >
      <EstimateBars label="Direct logit attribution" bars={bars} unit="logit" labelWidth={84} />
    </Figure>
  );
}

const size = ({ answer }: Component) => Math.abs(answer.value ?? 0);
const strongest = (components: readonly Component[]) =>
  [...components].sort((left, right) => size(right) - size(left)).slice(0, SHOWN);

const toBar = (component: Component): Bar => ({
  label: component.label,
  estimate: component.answer,
  extra: [`against the vocabulary\t${formatEstimate(component.centred, "logit", true)}`],
});
