import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { type FlatCell, type FlatColumn, flatten } from "../flatten.ts";
import { type Stamp, stampMetadata } from "../stamp.ts";
import type { Table } from "../table.ts";

const TYPES = {
  text: "STRING",
  integer: "INT64",
  number: "DOUBLE",
  boolean: "BOOLEAN",
  list: "STRING",
} as const satisfies Record<FlatColumn["kind"], ColumnSource["type"]>;

/** A table as Parquet; lists are JSON texts, and the file's metadata hold run, receipt, warnings and what each column is. */
export function parquet(table: Table, stamp: Stamp): Uint8Array {
  const { columns, rows } = flatten(table);
  const metadata = {
    "recallscope.table": table.name,
    "recallscope.title": table.title,
    ...Object.fromEntries(stampMetadata(stamp).map(([name, value]) => [`recallscope.${name}`, value])),
    "recallscope.columns": JSON.stringify(
      Object.fromEntries(columns.map(({ name, about }) => [name, about])),
    ),
  };
  return new Uint8Array(
    parquetWriteBuffer({
      columnData: columns.map(({ name, kind }, at) => ({
        name,
        type: TYPES[kind],
        nullable: true,
        data: rows.map((row) => (kind === "integer" ? whole(row[at]!) : plain(row[at]!))),
      })),
      kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
      createdBy: "recallscope",
    }),
  );
}

const plain = (cell: FlatCell): string | number | boolean | null =>
  typeof cell === "object" && cell !== null ? JSON.stringify(cell) : cell;

/** Seeds and sizes exceed 32 bits; a column has one type, whatever numbers a run happens to hold. */
const whole = (cell: FlatCell): bigint | null => (cell === null ? null : BigInt(cell as number));
