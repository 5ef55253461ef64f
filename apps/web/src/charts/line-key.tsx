/** What the lines of a chart stand for. */
export function LineKey({ items }: { items: { label: string; color: string; dashed?: boolean }[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-2">
      {items.map(({ label, color, dashed }) => (
        <li key={label} className="flex items-center gap-1.5">
          <svg width={18} height={8} aria-hidden="true">
            <path d="M0 4h18" stroke={color} strokeWidth={2} strokeDasharray={dashed ? "4 3" : undefined} />
          </svg>
          {label}
        </li>
      ))}
    </ul>
  );
}
