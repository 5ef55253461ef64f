"use client";
import { type ReactNode, useMemo, useRef, useState } from "react";
import { cx } from "@/ui/class-names.ts";
import { SortIcon } from "@/ui/icons.tsx";
import { useRowSlots } from "./row-slots.ts";
import { type Column, type RowProps, TableRow } from "./table-row.tsx";
import { VirtualRows } from "./virtual-rows.tsx";

export type { Column } from "./table-row.tsx";

export interface Sort {
  column: string;
  descending: boolean;
}

interface DataTableProps<Row> {
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  defaultSort?: Sort;
  /** Where rows come in the server's order: which one, and how to ask for another. Columns then need `ordered`, not `sort`. */
  order?: { sort: Sort | null; onSort: (sort: Sort) => void };
  /** Shown in place of a column's header. */
  headers?: Readonly<Record<string, ReactNode>>;
  rowProps?: RowProps<Row>;
  onPointerLeave?: () => void;
  /** Scroll inside this many pixels, with a sticky header. Of many rows only those in sight are drawn. */
  maxHeight?: number;
}

/** Rows of a scrolling table that are all drawn. */
const MOST_DRAWN = 100;

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { columns, rows, rowKey, order, headers } = props;
  const [ownSort, setOwnSort] = useState<Sort | null>(props.defaultSort ?? null);
  const sort = order ? order.sort : ownSort;
  const sorted = useMemo(() => (order ? rows : sortRows(rows, columns, sort)), [order, rows, columns, sort]);
  const frame = useRef<HTMLDivElement>(null);
  const onSort = (column: Column<Row>) =>
    (order?.onSort ?? setOwnSort)({
      column: column.id,
      descending: sort?.column === column.id ? !sort.descending : column.numeric === true,
    });

  return (
    <div
      ref={frame}
      className="overflow-auto rounded-lg border border-line bg-surface"
      style={{ maxHeight: props.maxHeight }}
      onPointerLeave={props.onPointerLeave}
    >
      <table
        aria-label={props.label}
        // Not all rows need be there.
        aria-rowcount={sorted.length + 1}
        className="w-full border-separate border-spacing-0 text-sm"
      >
        <thead>
          <tr>
            {columns.map((column) => (
              <HeaderCell
                key={column.id}
                column={column}
                sortable={order ? column.ordered === true : column.sort !== undefined}
                sort={sort}
                onSort={() => onSort(column)}
              >
                {headers?.[column.id]}
              </HeaderCell>
            ))}
          </tr>
        </thead>
        {props.maxHeight !== undefined && sorted.length > MOST_DRAWN ? (
          <VirtualRows {...props} rows={sorted} frame={frame} />
        ) : (
          <AllRows rows={sorted} rowKey={rowKey} columns={columns} rowProps={props.rowProps} />
        )}
      </table>
    </div>
  );
}

function AllRows<Row>(props: Pick<DataTableProps<Row>, "rows" | "rowKey" | "columns" | "rowProps">) {
  const { rows, columns, rowProps } = props;
  const slots = useRowSlots(rows.map(props.rowKey));
  return (
    <tbody>
      {rows.map((row, at) => (
        <TableRow key={slots[at]} row={row} columns={columns} rowProps={rowProps} />
      ))}
    </tbody>
  );
}

function HeaderCell<Row>(props: {
  column: Column<Row>;
  sortable: boolean;
  sort: Sort | null;
  onSort: () => void;
  children?: ReactNode;
}) {
  const { column, sortable, sort, onSort, children } = props;
  const active = sort?.column === column.id;
  const direction = active ? (sort.descending ? "descending" : "ascending") : undefined;
  return (
    <th
      scope="col"
      aria-sort={sortable ? (direction ?? "none") : undefined}
      className={cx(
        "sticky top-0 z-10 h-9 bg-surface px-3 text-xs font-medium whitespace-nowrap text-ink-3 first:pl-4 last:pr-4",
        column.numeric ? "text-right" : "text-left",
      )}
    >
      {children ? (
        children
      ) : sortable ? (
        <button
          type="button"
          onClick={onSort}
          data-tip={column.help}
          className={cx("inline-flex items-center gap-1 hover:text-ink", active && "text-ink")}
        >
          {column.header}
          {active ? (
            <span aria-hidden="true">{sort.descending ? "↓" : "↑"}</span>
          ) : (
            <SortIcon size={10} className="opacity-40" />
          )}
        </button>
      ) : (
        <span data-tip={column.help}>{column.header}</span>
      )}
    </th>
  );
}

function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: Sort | null,
): readonly Row[] {
  const value = columns.find((column) => column.id === sort?.column)?.sort;
  if (!sort || !value) return rows;
  const sign = sort.descending ? -1 : 1;
  return [...rows].sort((left, right) => {
    const a = value(left);
    const b = value(right);
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return (
      sign * (typeof a === "string" ? a.localeCompare(String(b), "en", { numeric: true }) : a - Number(b))
    );
  });
}

/** Skeleton of a table in its final size. */
export function TableSkeleton({ rows, height = 37 }: { rows: number; height?: number }) {
  return (
    <div aria-hidden="true" className="rounded-lg border border-line bg-surface px-4 py-2">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: identical placeholders
        <div key={row} style={{ height }} className="flex items-center gap-6">
          <div className="skeleton h-3.5 flex-[2]" />
          <div className="skeleton h-3.5 flex-[3]" />
          <div className="skeleton h-3.5 flex-1" />
          <div className="skeleton h-3.5 flex-1" />
        </div>
      ))}
    </div>
  );
}
