import { formatNumber } from "@/format/numbers.ts";
import type { FigureTable } from "@/table/figure-table.ts";

/** A figure's numbers as a table that everyone can read, in the room of the drawing. */
export function FigureTableView({ table, height }: { table: FigureTable; height: number | undefined }) {
  return (
    <section
      style={{ height }}
      className="max-h-[640px] min-h-28 overflow-auto"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label="Table"
    >
      <table className="w-full text-xs">
        <thead className="sticky top-0 bg-surface">
          <tr className="text-left text-ink-3">
            {table.columns.map((column) => (
              <th key={column} className="border-b border-line py-1 pr-4 font-medium whitespace-nowrap">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows never move
            <tr key={index} className="border-b border-line/60">
              {row.map((cell, column) => (
                <td key={table.columns[column]} className="py-1 pr-4 whitespace-nowrap">
                  {cell === null ? (
                    <span className="text-ink-3 italic">not observed</span>
                  ) : typeof cell === "number" && !Number.isInteger(cell) ? (
                    formatNumber(cell)
                  ) : (
                    cell
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
