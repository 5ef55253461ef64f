import type { Unit } from "@/format/numbers.ts";
import type { FurtherFigureData } from "../queries.ts";

/** The page's unit of a figure's unit: the same words. */
export const unitOf = (unit: FurtherFigureData["unit"]): Unit => unit;
