"use client";
import { useCallback, useMemo } from "react";
import { useQuery } from "urql";
import { Figure } from "@/charts/figure.tsx";
import { type DrawPlot, PlotFigure } from "@/charts/plot-figure.tsx";
import { EXPLANATIONS } from "@/features/explanations.ts";
import { parseHead } from "@/format/heads.ts";
import { formatDecimal, formatPValue, plural } from "@/format/numbers.ts";
import { ErrorState, Skeleton } from "@/ui/states.tsx";
import { type ComparedRun, type Comparison, type Matching, MatchingQuery } from "./queries.ts";
import type { Series } from "./series.ts";
import type { ComparisonVariables } from "./use-comparison.ts";

const HEIGHT = 300;

/** Ids of the baseline and of the run that is matched with it. */
export function matchedRuns({ runs }: Comparison, match: string): string[] {
  const baseline = runs.find(({ isBaseline }) => isBaseline);
  const others = runs.filter(({ isBaseline }) => !isBaseline);
  const other = others.find(({ run }) => run.id === match) ?? others[0];
  return baseline && other ? [baseline.run.id, other.run.id] : [];
}

/** Heads of the baseline and of another run, joined where they do alike. */
export function MatchingFigure(props: {
  comparison: Comparison;
  series: readonly Series<ComparedRun>[];
  variables: ComparisonVariables;
  /** Id of the run that is matched with the baseline; the first other one where it is none of them. */
  match: string;
  onMatch: (id: string) => void;
}) {
  const { series, variables } = props;
  const others = series.filter((each) => !each.baseline);
  const ids = matchedRuns(props.comparison, props.match);
  const [baseline, other] = ids.map((id) => series.find(({ run }) => run.id === id));
  const [{ data, error }, retry] = useQuery({
    query: MatchingQuery,
    variables: { ...variables, ids, baseline: ids[0] ?? null },
    pause: ids.length < 2,
  });
  const matching = data?.compareRuns.runs[1]?.toBaseline?.matching;
  if (!baseline || !other) return null;
  const controls = others.length > 1 && (
    <select
      aria-label="Run matched with the baseline"
      className="control"
      value={other.run.id}
      onChange={(event) => props.onMatch(event.target.value)}
    >
      {others.map(({ run, name }) => (
        <option key={run.id} value={run.id}>
          {name}
        </option>
      ))}
    </select>
  );
  return (
    <Figure
      about={EXPLANATIONS.headMatching}
      title={`Heads that do alike: ${baseline.name} and ${other.name}`}
      name={`compare-matching-${other.run.key}`}
      caption={matching && <Cost matching={matching} />}
      controls={controls}
      table={() => tableOf(matching)}
    >
      {matching ? (
        <MatchingDrawing matching={matching} baseline={baseline} other={other} />
      ) : error ? (
        <ErrorState error={error} onRetry={() => retry({ requestPolicy: "network-only" })} />
      ) : (
        <Skeleton style={{ height: HEIGHT }} />
      )}
    </Figure>
  );
}

/** The cost, beside what any two models would have. */
function Cost({ matching }: { matching: Matching }) {
  const {
    cost,
    shuffledCost,
    pValue,
    permutations,
    randomCost,
    reason,
    excludedFromBaseline,
    excludedFromRun,
  } = matching;
  if (cost === null) return <>Not matched: {reason ?? "not observed"}.</>;
  const left = excludedFromBaseline.length + excludedFromRun.length;
  return (
    <>
      Mean distance of {plural(matching.pairs.length, "pair")} {formatDecimal(cost)};{" "}
      {shuffledCost &&
        `with shuffled profiles ${formatDecimal(shuffledCost.mean)} (95 % of them ${formatDecimal(shuffledCost.low)} to ${formatDecimal(shuffledCost.high)}, ${formatPValue(pValue)} over ${plural(permutations, "shuffle")}); `}
      {randomCost !== null && `heads paired by chance ${formatDecimal(randomCost)}. `}
      {left > 0 && `${plural(left, "head")} without a complete profile left out. `}
      Bold lines join movers.
    </>
  );
}

const tableOf = (matching: Matching | undefined) => ({
  columns: ["head of the baseline", "head of the run", "distance"],
  rows: (matching?.pairs ?? []).map(({ baseline, run, distance }) => [baseline, run, distance]),
});

interface Dot {
  x: number;
  depth: number;
  mover: boolean;
  tip: string;
}

interface Line {
  from: Dot;
  to: Dot;
  mover: boolean;
  tip: string;
}

/** Two maps of heads, head by layer, and a line for every pair. */
export function MatchingDrawing(props: {
  matching: Matching;
  baseline: Series<ComparedRun>;
  other: Series<ComparedRun>;
}) {
  const { matching, baseline, other } = props;
  const picture = useMemo(() => pictureOf(matching, baseline, other), [matching, baseline, other]);
  const draw = useCallback<DrawPlot>(
    (plot) => {
      const { left, right, lines } = picture;
      const thin = lines.filter(({ mover }) => !mover);
      const bold = lines.filter(({ mover }) => mover);
      const joined = (some: readonly Line[], look: object) =>
        plot.link(some, {
          x1: ({ from }: Line) => from.x,
          x2: ({ to }: Line) => to.x,
          y1: ({ from }: Line) => from.depth,
          y2: ({ to }: Line) => to.depth,
          title: ({ tip }: Line) => tip,
          ...look,
        });
      const dots = (some: readonly Dot[], color: string) =>
        plot.dot(some, {
          x: "x",
          y: "depth",
          r: ({ mover }: Dot) => (mover ? 5 : 2.5),
          fill: ({ mover }: Dot) => (mover ? color : "var(--line-strong)"),
          stroke: "var(--surface)",
          title: ({ tip }: Dot) => tip,
        });
      return {
        marginLeft: 44,
        marginRight: 44,
        marginTop: 26,
        marginBottom: 8,
        x: { domain: [-0.02, 1.02], axis: null },
        y: { domain: [1, 0], label: null, grid: false },
        marks: [
          plot.axisY({
            anchor: "left",
            label: "relative depth",
            labelAnchor: "top",
            labelArrow: "none",
            ticks: 5,
          }),
          plot.text([baseline.name], {
            x: MAP / 2,
            frameAnchor: "top",
            dy: -18,
            text: (name: string) => name,
            fill: "var(--ink)",
            fontWeight: 600,
            fontSize: 12,
          }),
          plot.text([other.name], {
            x: 1 - MAP / 2,
            frameAnchor: "top",
            dy: -18,
            text: (name: string) => name,
            fill: "var(--ink)",
            fontWeight: 600,
            fontSize: 12,
          }),
          joined(thin, { stroke: "var(--line-strong)", strokeWidth: 0.8, strokeOpacity: 0.7 }),
          joined(bold, { stroke: "var(--answer)", strokeWidth: 2 }),
          dots(left, baseline.color),
          dots(right, other.color),
        ],
      };
    },
    [picture, baseline, other],
  );
  return (
    <PlotFigure label={`Matched heads of ${baseline.name} and ${other.name}`} height={HEIGHT} draw={draw} />
  );
}

/** Width of each map of heads, of the whole. */
const MAP = 0.28;

function pictureOf(matching: Matching, baseline: Series<ComparedRun>, other: Series<ComparedRun>) {
  const [left, right] = [dotsOf(baseline, 0), dotsOf(other, 1 - MAP)];
  const lines = matching.pairs.flatMap(({ baseline: own, run, distance }): Line[] => {
    const [from, to] = [left.get(own), right.get(run)];
    if (!from || !to) return [];
    const mover = from.mover || to.mover;
    return [
      {
        from,
        to,
        mover,
        tip: `${own} does alike ${run}\ndistance\t${formatDecimal(distance)}\nnever the same head`,
      },
    ];
  });
  return { left: [...left.values()], right: [...right.values()], lines };
}

function dotsOf({ run, name }: Series<ComparedRun>, start: number): Map<string, Dot> {
  const passing = run.argumentPassing;
  if (!passing) return new Map();
  return new Map(
    passing.heads.map(({ label, mover, effect }) => {
      const { layer, head } = parseHead(label) ?? { layer: 0, head: 0 };
      const value = effect.value === null ? "not observed" : formatDecimal(effect.value);
      return [
        label,
        {
          x: start + ((head + 0.5) / passing.headsPerLayer) * MAP,
          depth: (layer + 0.5) / passing.layers,
          mover,
          tip: `${label} of ${name}\npatching effect\t${value}${mover ? "\nmover" : ""}`,
        },
      ];
    }),
  );
}
