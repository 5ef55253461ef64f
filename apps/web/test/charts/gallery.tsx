// Every kind of figure, drawn by its own component from closed-form data. Bundled for a page of the browser test.
import type { ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { Client, Provider } from "urql";
import { colorScale } from "@/charts/color-scale.ts";
import { EstimateBars } from "@/charts/estimate-bars.tsx";
import { HeatMap } from "@/charts/heat-map.tsx";
import { PlotFigure } from "@/charts/plot-figure.tsx";
import { COMPARE_DEFAULTS, curveViewOf } from "@/features/compare/compare-state.ts";
import { drawCurves } from "@/features/compare/draw-curves.ts";
import { HeadMaps } from "@/features/compare/head-maps.tsx";
import { MatchingDrawing } from "@/features/compare/matching-figure.tsx";
import { OverlapFigure } from "@/features/compare/overlap-figure.tsx";
import type { ComparedRun, Comparison, Matching } from "@/features/compare/queries.ts";
import { type Series, seriesOf } from "@/features/compare/series.ts";
import { SweepFigure } from "@/features/run/final-layer/sweep-figure.tsx";
import { FurtherReliability } from "@/features/run/further/further-reliability.tsx";
import { FlowFigure } from "@/features/run/live/flow-figure.tsx";
import { TokenArcs } from "@/features/run/live/token-arcs.tsx";
import { TokenMatrix } from "@/features/run/live/token-matrix.tsx";
import { LensFigure } from "@/features/run/prediction/lens-figure.tsx";
import { PromptsFigure } from "@/features/run/prompts/prompts-figure.tsx";
import type { FinalLayer } from "@/features/run/queries.ts";
import { RUN_VIEW_DEFAULTS, type RunView } from "@/features/run/view-state.ts";
import { SelectionProvider } from "@/state/selection.tsx";
import {
  ATTENTION,
  CELLS,
  COMPARED,
  CURVES,
  EXTENT,
  FLOW,
  HEADS,
  LAYERS,
  lens,
  MATCHING,
  NO_HEAD,
  OVERLAPS,
  prompts,
  reliability,
  SHARES,
  SUBJECT,
  sweeps,
  TOKENS,
  within,
} from "./closed-form.ts";

const SIZE = { width: 480, height: 300 };
const view: RunView = { values: { ...RUN_VIEW_DEFAULTS }, set: () => {} };
const rank: RunView = { ...view, values: { ...RUN_VIEW_DEFAULTS, lens: "medianRank", axis: "depth" } };

const map = (kind: "diverging" | "sequential", dark: boolean, compact = false) => (
  <HeatMap
    label={kind === "diverging" ? "Effect" : "Share"}
    unit={kind === "diverging" ? "effect" : "share"}
    layers={LAYERS}
    heads={HEADS}
    cells={kind === "diverging" ? CELLS : SHARES}
    scale={colorScale(kind, kind === "diverging" ? EXTENT : 1, dark)}
    room={SIZE}
    compact={compact}
    marked={new Set(["L1H0"])}
  />
);

const compared = seriesOf(COMPARED, "a");
const comparedRuns = compared as unknown as Series<ComparedRun>[];
const curves = (scale: "depth" | "layer") => (
  <PlotFigure
    label="Curves of three runs"
    height={240}
    draw={(plot) =>
      drawCurves(
        plot,
        CURVES.map((curve, run) => ({ curve, series: compared[run]! })),
        { ...curveViewOf({ ...COMPARE_DEFAULTS }), scale },
        { y: [-0.1, 0.9], end: scale === "depth" ? 1 : 6 },
      )
    }
  />
);

/** By the name of the drawing's file. */
export const FIGURES: Record<string, ReactNode> = {
  "heat-map-diverging": map("diverging", false),
  "heat-map-diverging-dark": map("diverging", true),
  "heat-map-sequential": map("sequential", false),
  "heat-map-compact": map("diverging", false, true),
  "estimate-bars": (
    <EstimateBars
      label="Bars"
      unit="logit"
      bars={[
        { label: "L0H0", estimate: within(1.5) },
        { label: "L0H1", estimate: within(-0.75) },
        { label: "L1H0", estimate: NO_HEAD },
      ]}
    />
  ),
  "lens-probability": <LensFigure run="run" prompt={null} lens={lens} view={view} name="lens" />,
  "lens-rank": <LensFigure run="run" prompt={null} lens={lens} view={rank} name="lens" />,
  prompts: <PromptsFigure prompts={prompts} total={prompts.length} query="" name="prompts" />,
  "token-arcs": (
    <TokenArcs
      label="L1H0 from the last position"
      tokens={TOKENS.map((token, i) => ({
        token,
        subject: i === SUBJECT,
        share: ATTENTION[i]!,
        tip: `${token} ${ATTENTION[i]}`,
      }))}
    />
  ),
  "token-matrix": (
    <TokenMatrix
      label="Effect by place and position"
      rows={[{ label: "L0H0" }, { label: "L1H0", subject: true }]}
      columns={TOKENS.map((token, i) => ({ token, subject: i === SUBJECT }))}
      cell={(row, column) =>
        column > SUBJECT + row
          ? null
          : { value: row - ATTENTION[column]!, tip: "tip", name: `${row} ${column}` }
      }
      scale={colorScale("diverging", 1, false)}
      print={(value) => value.toFixed(1)}
      room={SIZE}
    />
  ),
  flow: <FlowFigure of={{ run: "run", prompt: 0 }} flow={FLOW} name="flow" />,
  reliability: <FurtherReliability figure={reliability} />,
  "compare-overlap": <OverlapFigure comparison={{ overlaps: OVERLAPS } as Comparison} series={compared} />,
  "compare-head-maps": <HeadMaps series={comparedRuns} metric="effect" onMetric={() => {}} />,
  "compare-matching": (
    <MatchingDrawing
      matching={MATCHING as unknown as Matching}
      baseline={comparedRuns[0]!}
      other={comparedRuns[1]!}
    />
  ),
  "compare-curves-depth": curves("depth"),
  "compare-curves-layer": curves("layer"),
  sweep: <SweepFigure run="run" data={{ sweeps } as FinalLayer} view={view} name="sweep" />,
};

const root = document.createElement("main");
document.body.append(root);
createRoot(root).render(
  <Provider value={new Client({ url: "http://localhost/never-asked", exchanges: [] })}>
    <SelectionProvider values={{ head: "" }} set={() => {}}>
      {Object.entries(FIGURES).map(([name, figure]) => (
        <div key={name} id={name} style={{ width: 640 }}>
          {figure}
        </div>
      ))}
    </SelectionProvider>
  </Provider>,
);
