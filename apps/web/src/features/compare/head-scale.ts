import { type ColorScale, colorScale, largest } from "@/charts/color-scale.ts";
import { HEAD_METRICS } from "@/features/run/argument-passing/metrics.ts";
import type { ComparedMetric } from "./compare-state.ts";
import type { ComparedRun } from "./queries.ts";

/** The one scale that the maps of all runs share. */
export const headScale = (runs: readonly ComparedRun[], metric: ComparedMetric, dark: boolean): ColorScale =>
  colorScale(
    HEAD_METRICS[metric].scale,
    largest(runs.flatMap((run) => (run.argumentPassing?.heads ?? []).map((head) => head[metric].value))),
    dark,
  );
