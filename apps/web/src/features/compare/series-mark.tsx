import type { Series } from "./series.ts";

/** The line that stands for a run in every figure of the page. */
export function SeriesMark({ series, className }: { series: Series; className?: string }) {
  return (
    <svg width={26} height={10} aria-hidden="true" className={className}>
      <path d="M0 5h26" stroke={series.color} strokeWidth={2.2} strokeDasharray={series.dash} />
      <path d={SHAPES[series.symbol]} transform="translate(13 5)" fill={series.color} />
    </svg>
  );
}

const SHAPES: Record<Series["symbol"], string> = {
  circle: "M-3.4 0a3.4 3.4 0 1 0 6.8 0a3.4 3.4 0 1 0 -6.8 0Z",
  diamond: "M0 -4.6 4.2 0 0 4.6 -4.2 0Z",
  triangle: "M0 -4.4 4.2 3.4H-4.2Z",
  square: "M-3.2 -3.2h6.4v6.4h-6.4Z",
  star: "M0 -4.8 1.3 -1.5 4.8 -1.4 2 .8 2.9 4.2 0 2.2 -2.9 4.2 -2 .8 -4.8 -1.4 -1.3 -1.5Z",
  cross: "M-1.4 -4.2h2.8v2.8h2.8v2.8H1.4v2.8h-2.8V1.4h-2.8v-2.8h2.8Z",
};
