"use client";
import { useMemo } from "react";
import { type Bar, EstimateBars } from "@/charts/estimate-bars.tsx";
import { Figure } from "@/charts/figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { formatEstimate } from "@/format/estimates.ts";
import { formatNumber } from "@/format/numbers.ts";
import { oneOf } from "@/state/url-state.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { ChoiceGroup } from "@/ui/choice-group.tsx";
import { attributionQuery } from "../figure-queries.ts";
import type { Prediction } from "../queries.ts";
import type { RunView } from "../view-state.ts";

type Attribution = Prediction["directLogitAttribution"];
type Component = Attribution["components"][number];
const SHOWN = 20;

/** The components that write most for or against the answer, or all of them. */
export function AttributionFigure(props: {
  run: string;
  view: RunView;
  attribution: Attribution;
  name: string;
}) {
  const { run, view, attribution, name } = props;
  const choice = oneOf(view.values.dla, ["", "all"] as const);
  const components = useMemo(
    () => strongest(attribution.components).slice(0, choice === "all" ? undefined : SHOWN),
    [attribution, choice],
  );
  const bars = useMemo(() => components.map(toBar), [components]);
  const total = attribution.components.length;
  return (
    <Figure
      about={EXPLANATIONS.directLogitAttribution}
      name={name}
      query={attributionQuery(run, `orderBy: SIZE${choice === "all" ? "" : `, first: ${SHOWN}`}`, [
        "answer",
        "centred",
      ])}
      table={() => ({
        columns: ["component", "kind", "value", "low", "high", "n facts", "against the vocabulary"],
        rows: components.map((component) => [
          component.label,
          component.kind.toLowerCase(),
          ...estimateColumns(component.answer),
          component.centred.value,
        ]),
      })}
      caption={`${choice === "all" ? `All ${total}` : `The ${bars.length} largest of ${total}`} components; the sum of all misses the logits by at most ${formatNumber(attribution.completenessError)}.`}
      controls={
        total > SHOWN && (
          <ChoiceGroup
            label="Components"
            value={choice || "largest"}
            choices={[
              { value: "largest", label: `${SHOWN} largest` },
              { value: "all", label: `All ${total}` },
            ]}
            onChange={(value) => view.set({ dla: value === "all" ? "all" : null })}
          />
        )
      }
    >
      <EstimateBars label="Direct logit attribution" bars={bars} unit="logit" labelWidth={84} />
    </Figure>
  );
}

const size = ({ answer }: Component) => (answer.value === null ? -1 : Math.abs(answer.value));
const strongest = (components: readonly Component[]) =>
  [...components].sort((left, right) => size(right) - size(left));

const toBar = (component: Component): Bar => ({
  label: component.label,
  estimate: component.answer,
  extra: [`against the vocabulary\t${formatEstimate(component.centred, "logit", true)}`],
});
