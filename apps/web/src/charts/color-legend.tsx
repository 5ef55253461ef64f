"use client";
import { useId } from "react";
import { formatSigned, formatValue, type Unit } from "@/format/numbers.ts";
import type { ColorScale } from "./color-scale.ts";

const STOPS = Array.from({ length: 13 }, (_, index) => index / 12);

/** The colours of a heat map with the values at their ends. */
export function ColorLegend({ scale, unit, label }: { scale: ColorScale; unit: Unit; label?: string }) {
  const id = useId();
  const from = scale.kind === "diverging" ? -scale.max : 0;
  return (
    <div className="flex items-center gap-2 text-xs text-ink-3">
      {label && <span className="text-ink-2">{label}</span>}
      <span>{scale.kind === "diverging" ? formatSigned(from, unit) : formatValue(0, unit)}</span>
      <svg width={120} height={8} aria-hidden="true" className="rounded-sm">
        <linearGradient id={id}>
          {STOPS.map((stop) => (
            <stop key={stop} offset={stop} stopColor={scale.color(from + stop * (scale.max - from))} />
          ))}
        </linearGradient>
        <rect width={120} height={8} rx={2} fill={`url(#${id})`} />
      </svg>
      <span>{scale.kind === "diverging" ? formatSigned(scale.max, unit) : formatValue(scale.max, unit)}</span>
    </div>
  );
}
