import {
  type ArrayFold,
  type ArraySlice,
  type AxisSlice,
  EngineError,
  type LabeledArray,
  sliceArray,
} from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { Tx } from "../services.ts";
import { fromJson } from "./json.ts";
import { arrayOf } from "./read-report.ts";

/** Values that one answer may hold. */
export const MAX_VALUES = 100_000;

export interface SliceRequest {
  name: string;
  slices: readonly AxisSlice[];
  /** Only prompts of these facts, by their place among the admitted ones. */
  facts: readonly number[] | null;
  fold: ArrayFold | null;
}

/**
 * A part of one of a run's arrays.
 * @throws ApiError NOT_FOUND naming the arrays there are; BAD_USER_INPUT naming axes and labels, or for more than MAX_VALUES
 */
export async function readSlice(
  tx: Tx,
  runId: string,
  { name, slices, facts, fold }: SliceRequest,
): Promise<ArraySlice & Pick<LabeledArray, "name" | "unit">> {
  const row = await tx.runArray.findUnique({ where: { runId_name: { runId, name } } });
  if (!row) throw await noSuchArray(tx, runId, name);
  const array = arrayOf(row);
  const all = facts === null ? slices : [...slices, await promptsOf(tx, runId, array, slices, facts)];
  try {
    return { name, unit: array.unit, ...sliceArray(array, all, fold, MAX_VALUES) };
  } catch (error) {
    if (error instanceof EngineError) throw new ApiError("BAD_USER_INPUT", error.message);
    throw error;
  }
}

/** Facts as a slice of the axis of prompts. */
async function promptsOf(
  tx: Tx,
  runId: string,
  { name, axes }: LabeledArray,
  slices: readonly AxisSlice[],
  facts: readonly number[],
): Promise<AxisSlice> {
  const axis = axes.find(({ dim }) => dim === "prompt");
  if (!axis)
    throw new ApiError(
      "BAD_USER_INPUT",
      `array ${name}: has no prompts to choose by fact (its axes: ${axes.map(({ dim }) => dim).join(", ")})`,
    );
  if (slices.some(({ dim }) => dim === "prompt"))
    throw new ApiError("BAD_USER_INPUT", `array ${name}: choose prompts by fact or by label, not both`);
  const prompts = await tx.prompt.findMany({
    where: { runId },
    select: { index: true, content: true },
    orderBy: { index: "asc" },
  });
  const factOf = new Map(
    prompts.map(({ index, content }) => [String(index), fromJson<{ fact: number }>(content).fact]),
  );
  const there = new Set(factOf.values());
  const unknown = facts.find((fact) => !there.has(fact));
  if (unknown !== undefined)
    throw new ApiError(
      "BAD_USER_INPUT",
      `fact ${unknown}: the run asked none of that place (allowed: 0 to ${Math.max(...there)})`,
    );
  const labels = axis.labels.filter((label) => facts.includes(factOf.get(label)!));
  return { dim: "prompt", labels };
}

async function noSuchArray(tx: Tx, runId: string, name: string): Promise<ApiError> {
  const rows = await tx.runArray.findMany({
    where: { runId },
    select: { name: true },
    orderBy: { index: "asc" },
  });
  const names = rows.map((row) => row.name).join(", ");
  return new ApiError(
    "NOT_FOUND",
    `array ${name}: the run has none of that name (allowed: ${names || "none: it has no results yet"})`,
  );
}
