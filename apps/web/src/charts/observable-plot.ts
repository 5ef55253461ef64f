// The one place that knows the chart library; loaded only when a chart is on the page.
import {
  areaY,
  axisX,
  axisY,
  barX,
  cell,
  dot,
  gridX,
  gridY,
  line,
  link,
  type PlotOptions,
  plot,
  rect,
  ruleX,
  ruleY,
  text,
  tickX,
} from "@observablehq/plot";

export const Plot = {
  areaY,
  axisX,
  axisY,
  barX,
  cell,
  dot,
  gridX,
  gridY,
  line,
  link,
  plot,
  rect,
  ruleX,
  ruleY,
  text,
  tickX,
};
export type PlotLibrary = typeof Plot;
export type { PlotOptions };
