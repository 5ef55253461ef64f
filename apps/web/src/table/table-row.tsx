"use client";
import { type MouseEvent, memo, type ReactNode, type Ref } from "react";
import { cx } from "@/ui/class-names.ts";

export interface Column<Row> {
  id: string;
  header: string;
  /** What the column holds, as the header's tooltip. */
  help?: string;
  numeric?: boolean;
  /** Makes the column sortable; null values come last. */
  sort?: (row: Row) => number | string | null;
  /** Sortable where the order is the server's (`order` of the table). */
  ordered?: boolean;
  render: (row: Row) => ReactNode;
  className?: string;
}

export type RowProps<Row> = (row: Row) => {
  /** What the row stands for in the selection that figures share (`state/mark.ts`). */
  label?: string;
  selected?: boolean;
  onClick?: (event: MouseEvent) => void;
  onPointerEnter?: () => void;
  className?: string;
};

export function TableRow<Row>(props: {
  row: Row;
  columns: readonly Column<Row>[];
  rowProps: RowProps<Row> | undefined;
  /** Its place in the table from 0, where not all rows are drawn. */
  index?: number;
  ref?: Ref<HTMLTableRowElement>;
}) {
  const { row, columns, rowProps, index } = props;
  const extra = rowProps?.(row) ?? {};
  return (
    <tr
      ref={props.ref}
      data-index={index}
      // The header is the first.
      aria-rowindex={index === undefined ? undefined : index + 2}
      data-label={extra.label}
      aria-selected={extra.selected}
      onClick={extra.onClick}
      onPointerEnter={extra.onPointerEnter}
      className={cx(
        "group",
        extra.onClick && "cursor-pointer",
        extra.selected ? "bg-answer-soft" : "hover:bg-sunken/60",
        extra.className,
      )}
    >
      <Cells row={row} columns={columns} />
    </tr>
  );
}

/** Drawn anew for other values or columns only, not because another row was chosen. */
const Cells = memo(function Cells<Row>({ row, columns }: { row: Row; columns: readonly Column<Row>[] }) {
  return columns.map((column) => (
    <td
      key={column.id}
      className={cx(
        "border-t border-line/70 px-3 py-2 align-middle first:pl-4 last:pr-4",
        column.numeric && "text-right whitespace-nowrap",
        column.className,
      )}
    >
      {column.render(row)}
    </td>
  ));
}) as <Row>(props: { row: Row; columns: readonly Column<Row>[] }) => ReactNode;
