"use client";
import { useMemo } from "react";
import { EstimateBars } from "@/charts/estimate-bars.tsx";
import { Figure } from "@/charts/figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { attributionQuery } from "../figure-queries.ts";
import type { Prediction } from "../queries.ts";

type Component = Prediction["directLogitAttribution"]["components"][number];

/** Every MLP in order of depth. */
export function MlpAttributionFigure({
  run,
  components,
  name,
}: {
  run: string;
  components: readonly Component[];
  name: string;
}) {
  const mlps = useMemo(() => components.filter(({ kind }) => kind === "MLP"), [components]);
  const bars = useMemo(() => mlps.map(({ label, answer }) => ({ label, estimate: answer })), [mlps]);
  return (
    <Figure
      about={EXPLANATIONS.mlpAttribution}
      name={name}
      query={attributionQuery(run, "kind: MLP", ["answer"])}
      table={() => ({
        columns: ["mlp", "value", "low", "high", "n facts"],
        rows: mlps.map(({ label, answer }) => [label, ...estimateColumns(answer)]),
      })}
    >
      <EstimateBars
        label="Direct logit attribution of the MLPs by layer"
        bars={bars}
        unit="logit"
        labelWidth={60}
      />
    </Figure>
  );
}
