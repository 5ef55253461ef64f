"use client";
import { useVirtualizer } from "@tanstack/react-virtual";
import type { RefObject } from "react";
import { type Column, type RowProps, TableRow } from "./table-row.tsx";

/** Until a row has been measured. */
const ROW_HEIGHT = 37;
/** Drawn above and below what is in sight, so that scrolling shows no gaps. */
const BEYOND = 10;

/** The rows of a table that are in sight of its frame, between two empty ones that are as high as the others. */
export function VirtualRows<Row>(props: {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  rowProps?: RowProps<Row>;
  frame: RefObject<HTMLDivElement | null>;
}) {
  const { rows, columns, rowKey, frame } = props;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rowKey(rows[index]!),
    overscan: BEYOND,
    useFlushSync: false,
  });
  const items = virtualizer.getVirtualItems();
  const above = items[0]?.start ?? 0;
  const below = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <tbody>
      <Gap height={above} columns={columns.length} />
      {items.map(({ key, index }) => (
        <TableRow
          key={key}
          ref={virtualizer.measureElement}
          index={index}
          row={rows[index]!}
          columns={columns}
          rowProps={props.rowProps}
        />
      ))}
      <Gap height={below} columns={columns.length} />
    </tbody>
  );
}

const Gap = ({ height, columns }: { height: number; columns: number }) =>
  height > 0 && (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row is not focusable
    <tr aria-hidden="true">
      <td colSpan={columns} style={{ height }} />
    </tr>
  );
