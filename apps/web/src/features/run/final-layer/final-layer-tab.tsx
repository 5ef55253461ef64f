"use client";
import { useMemo } from "react";
import { useQuery } from "urql";
import { EstimateBars } from "@/charts/estimate-bars.tsx";
import { Figure } from "@/charts/figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { formatEstimate } from "@/format/estimates.ts";
import { formatNumber } from "@/format/numbers.ts";
import { estimateColumns } from "@/table/estimate-columns.ts";
import { KeyNumbers } from "@/ui/key-numbers.tsx";
import { Link } from "@/ui/link.tsx";
import { QueryView } from "@/ui/query-view.tsx";
import { EmptyState } from "@/ui/states.tsx";
import { finalHeadsQuery, gainQuery } from "../figure-queries.ts";
import { type FinalLayer, FinalLayerQuery } from "../queries.ts";
import { repeatLink } from "../repeat-link.ts";
import { type TabProps, TabSkeleton } from "../tab.tsx";
import type { RunView } from "../view-state.ts";
import { SplitFigure } from "./split-figure.tsx";
import { SweepFigure } from "./sweep-figure.tsx";
import { TARGETS } from "./targets.ts";
import { SuppressionVerdict } from "./verdict.tsx";

export function FinalLayerTab({ run, view }: TabProps) {
  const [state, retry] = useQuery({ query: FinalLayerQuery, variables: { id: run.id } });
  return (
    <QueryView
      state={state}
      retry={retry}
      pick={(data) => data.run?.finalLayer}
      skeleton={<TabSkeleton />}
      missing={<EmptyState title="This run has no final-layer results" />}
    >
      {(data) => (
        <>
          <Content run={run.id} data={data} view={view} runKey={run.key} />
          {!run.settings.analyses.includes(MITIGATION) && <NoCalibration run={run} />}
        </>
      )}
    </QueryView>
  );
}

/** The further analysis that measures calibration before and after. */
const MITIGATION = "mitigation";

function NoCalibration({ run }: Pick<TabProps, "run">) {
  const settings = { ...run.settings, analyses: [...run.settings.analyses, MITIGATION].sort() };
  return (
    <p className="mt-5 px-1 text-sm text-ink-2">
      Calibration before and after, beside the temperature, is measured by the further analysis{" "}
      <i>mitigation</i>, which this run did not make.{" "}
      <Link href={repeatLink({ ...run, settings })} className="link">
        Repeat it with that analysis
      </Link>
    </p>
  );
}

function Content(props: { run: string; data: FinalLayer; view: RunView; runKey: string }) {
  const { run, data, view, runKey } = props;
  return (
    <div className="grid grid-cols-1 gap-5">
      <SuppressionVerdict data={data} />
      <KeyNumbers
        items={[
          {
            label: "Δ log p(answer)",
            estimate: data.logProbChange,
            unit: "nats",
            signed: true,
            help: "After the final layer minus the lens before it",
          },
          {
            label: "Δ rank",
            estimate: data.rankChange,
            unit: "rank",
            signed: true,
            help: "Change of the answer's rank; positive = pushed down",
          },
          {
            label: "Δ entropy",
            estimate: data.entropyChange,
            unit: "nats",
            signed: true,
            help: "Change of the output's entropy; positive = less sure",
          },
        ]}
      />
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <SplitFigure run={run} data={data} name={`final-layer-split-${runKey}`} />
        <FinalHeadsFigure run={run} data={data} name={`final-layer-heads-${runKey}`} />
      </div>
      <SweepFigure run={run} data={data} view={view} name={`final-layer-sweep-${runKey}`} />
      <GainFigure run={run} data={data} name={`final-layer-gain-${runKey}`} />
    </div>
  );
}

function FinalHeadsFigure({ run, data, name }: { run: string; data: FinalLayer; name: string }) {
  const bars = useMemo(
    () => [
      ...data.heads.map((head) => ({
        label: head.suppressor ? `${head.label} ▾` : head.label,
        estimate: head.dlaAnswer,
        extra: [
          `on the candidates\t${formatEstimate(head.dlaCandidates, "logit", true)}`,
          ...(head.suppressor ? ["answer suppressor"] : []),
        ],
      })),
      { label: `MLP${data.layer}`, estimate: data.mlpDla },
    ],
    [data],
  );
  return (
    <Figure
      about={EXPLANATIONS.finalHeads}
      title={`Who writes on the answer in layer ${data.layer}`}
      name={name}
      query={finalHeadsQuery(run)}
      caption="▾ marks answer suppressors."
      table={() => ({
        columns: [
          "component",
          "value",
          "low",
          "high",
          "n facts",
          "candidates",
          "candidates low",
          "candidates high",
          "suppressor",
        ],
        rows: [
          ...data.heads.map((head) => [
            head.label,
            ...estimateColumns(head.dlaAnswer),
            ...estimateColumns(head.dlaCandidates).slice(0, 3),
            String(head.suppressor),
          ]),
          [`MLP${data.layer}`, ...estimateColumns(data.mlpDla), null, null, null, ""],
        ],
      })}
    >
      <EstimateBars
        label="Direct logit attribution of the final layer"
        bars={bars}
        unit="logit"
        labelWidth={78}
      />
    </Figure>
  );
}

function GainFigure({ run, data, name }: { run: string; data: FinalLayer; name: string }) {
  const { sweeps, temperature } = data;
  const bars = useMemo(
    () => [
      ...sweeps.map((sweep) => ({
        label: TARGETS[sweep.target].label,
        estimate: sweep.testLogProbGain,
        color: TARGETS[sweep.target].color,
        extra: [
          `best α on train facts\t${sweep.bestAlpha === null ? "not observed" : formatNumber(sweep.bestAlpha, 2)}`,
          `change of rank\t${formatEstimate(sweep.testRankChange, "rank", true)}`,
        ],
      })),
      {
        label: "Temperature",
        estimate: temperature.testLogProbGain,
        color: "var(--ink-3)",
        extra: [
          `best on train facts\t${temperature.best === null ? "not observed" : formatNumber(temperature.best, 3)}`,
          "changes no rank",
        ],
      },
    ],
    [sweeps, temperature],
  );
  const best = sweeps
    .filter(({ bestAlpha }) => bestAlpha !== null)
    .map(({ target, bestAlpha }) => `${TARGETS[target].label} ${formatNumber(bestAlpha ?? 1, 2)}`)
    .join(", ");
  return (
    <Figure
      about={EXPLANATIONS.sweepGain}
      name={name}
      query={gainQuery(run)}
      caption={best ? `Best α on train facts: ${best}.` : undefined}
      table={() => ({
        columns: ["change", "best", "value", "low", "high", "n facts", "rank change"],
        rows: [
          ...sweeps.map((sweep) => [
            TARGETS[sweep.target].label,
            sweep.bestAlpha,
            ...estimateColumns(sweep.testLogProbGain),
            sweep.testRankChange.value,
          ]),
          ["temperature", temperature.best, ...estimateColumns(temperature.testLogProbGain), 0],
        ],
      })}
    >
      <EstimateBars label="Gain on test facts" bars={bars} unit="nats" labelWidth={92} />
    </Figure>
  );
}
