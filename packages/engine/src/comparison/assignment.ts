/**
 * Cheapest assignment of each row to its own column: the Hungarian method by shortest augmenting paths (Jonker & Volgenant 1987),
 * O(rows^2 columns). At least as many columns as rows.
 * @param cost `[row, column]`, finite
 * @returns column of each row
 */
export function assign(cost: Float64Array, rows: number, columns: number): Int32Array {
  if (rows > columns)
    throw new RangeError(`assignment: ${rows} rows to ${columns} columns (at most as many rows)`);
  const [rowPrice, columnPrice] = [new Float64Array(rows), new Float64Array(columns)];
  const rowOf = new Int32Array(columns).fill(-1);
  const shortest = new Float64Array(columns);
  const from = new Int32Array(columns);
  const done = new Uint8Array(columns);
  for (let start = 0; start < rows; start++) {
    shortest.fill(Number.POSITIVE_INFINITY);
    from.fill(-1);
    done.fill(0);
    let [row, at, length] = [start, -1, 0];
    // Dijkstra over columns until one is free.
    do {
      let next = -1;
      for (let column = 0; column < columns; column++) {
        if (done[column]) continue;
        const through = length + cost[row * columns + column]! - rowPrice[row]! - columnPrice[column]!;
        if (through < shortest[column]!) {
          shortest[column] = through;
          from[column] = at;
        }
        if (next < 0 || shortest[column]! < shortest[next]!) next = column;
      }
      at = next;
      length = shortest[at]!;
      done[at] = 1;
      row = rowOf[at]!;
    } while (row >= 0);
    rowPrice[start]! += length;
    for (let column = 0; column < columns; column++) {
      if (!done[column] || column === at) continue;
      const slack = length - shortest[column]!;
      columnPrice[column]! -= slack;
      rowPrice[rowOf[column]!]! += slack;
    }
    while (from[at]! >= 0) {
      rowOf[at] = rowOf[from[at]!]!;
      at = from[at]!;
    }
    rowOf[at] = start;
  }
  const columnOf = new Int32Array(rows);
  for (const [column, row] of rowOf.entries()) if (row >= 0) columnOf[row] = column;
  return columnOf;
}
