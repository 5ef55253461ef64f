/** Where the cells of a layer x head map lie, in CSS pixels. */
export interface HeatMapLayout {
  cellWidth: number;
  cellHeight: number;
  gap: number;
  left: number;
  top: number;
  width: number;
  height: number;
  /** Every n-th row and column carries its number. */
  rowStep: number;
  columnStep: number;
  /** Cells are large enough to print their value. */
  printsValues: boolean;
}

const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
const stepFor = (pixelsPerItem: number, needed: number): number => {
  const least = Math.ceil(needed / pixelsPerItem);
  return [1, 2, 4, 5, 8, 10, 16, 20].find((step) => step >= least) ?? least;
};

/**
 * Fits `layers` rows and `heads` columns into a width and a height, without stretching cells out of proportion. `roomy` lets the cells of
 * small models grow further, for the full screen.
 */
export function heatMapLayout(
  layers: number,
  heads: number,
  room: { width: number; height: number; compact: boolean; roomy?: boolean },
): HeatMapLayout {
  const left = room.compact ? 22 : 44;
  const top = room.compact ? 16 : 34;
  const largestCell = room.compact ? 36 : room.roomy ? 110 : 62;
  const cellHeight = clamp(Math.floor((room.height - top) / layers), 6, largestCell);
  const cellWidth = clamp(
    Math.floor((room.width - left) / heads),
    5,
    Math.max(14, Math.round(cellHeight * (room.compact ? 2.4 : 2.9))),
  );
  const small = Math.min(cellWidth, cellHeight) < 9;
  return {
    cellWidth,
    cellHeight,
    gap: small ? 0.5 : room.compact ? 1 : 2,
    left,
    top,
    width: left + heads * cellWidth,
    height: top + layers * cellHeight,
    rowStep: stepFor(cellHeight, 12),
    columnStep: stepFor(cellWidth, 15),
    printsValues: cellWidth >= 40 && cellHeight >= 22,
  };
}
