import { ApiError } from "../errors.ts";
import type { Table } from "./table.ts";

/** The table with some of its columns, in the order asked. @throws ApiError BAD_USER_INPUT naming the columns there are */
export function selectColumns(table: Table, names: readonly string[] | undefined): Table {
  if (names === undefined) return table;
  const places = names.map((name) => {
    const place = table.columns.findIndex((column) => column.name === name);
    if (place < 0 || names.indexOf(name) !== names.lastIndexOf(name)) {
      const all = table.columns.map((column) => column.name).join(", ");
      const problem = place < 0 ? "none of its columns" : "asked twice";
      throw new ApiError(
        "BAD_USER_INPUT",
        `table ${table.name}: column ${name}: ${problem} (allowed: ${all})`,
      );
    }
    return place;
  });
  return {
    ...table,
    columns: places.map((place) => table.columns[place]!),
    rows: table.rows.map((row) => places.map((place) => row[place]!)),
  };
}
