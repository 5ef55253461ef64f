const CELLS = [
  [6, 6],
  [11.5, 6],
  [17, 6],
  [22.5, 6],
  [6, 11.5],
  [6, 17],
  [6, 22.5],
  [11.5, 22.5],
  [22.5, 22.5],
] as const;

/** A layer x head map with the one head that matters in the scope. */
export function LogoMark({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="3 3 26 26" aria-hidden="true">
      <g fill="var(--ink)" fillOpacity={0.24}>
        {CELLS.map(([x, y]) => (
          <rect key={`${x}-${y}`} x={x} y={y} width={4} height={4} rx={1} />
        ))}
      </g>
      <circle cx={18.5} cy={17} r={6.4} fill="var(--paper)" stroke="var(--ink)" strokeWidth={2} />
      <rect x={16.2} y={14.7} width={4.6} height={4.6} rx={1.1} fill="var(--subject)" />
    </svg>
  );
}

export function Wordmark() {
  return (
    <span className="inline-flex items-center gap-2">
      <LogoMark />
      <span className="text-[15px] font-semibold tracking-[-0.02em]">
        Recall<span className="text-ink-3">scope</span>
      </span>
    </span>
  );
}
