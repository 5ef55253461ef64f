import { EngineError } from "../errors.ts";
import type { LabeledArray } from "./labeled-array.ts";

/** Labels of one axis that are kept: those listed, in that order, or those from one to another. Both may be left out. */
export interface AxisSlice {
  dim: string;
  labels?: readonly string[] | null;
  from?: string | null;
  to?: string | null;
}

export const FOLDS = ["MEAN", "SUM", "MAX"] as const;
/** Axes that are folded away, all at once: one number over every place of theirs. */
export interface ArrayFold {
  over: readonly string[];
  by: (typeof FOLDS)[number];
}

/** A part of an array. */
export interface ArraySlice {
  axes: LabeledArray["axes"];
  /** Row-major; NaN = not observed. */
  values: Float64Array;
  /** Values that were observed and folded into each; null where nothing was folded. */
  counts: Uint32Array | null;
}

/**
 * A part of an array, with axes folded away if asked. What was not observed (NaN) is left out of a fold, and counted by what is missing.
 * @throws EngineError BAD_INPUT naming the axes and labels there are, or when more than `most` values come out
 */
export function sliceArray(
  array: LabeledArray,
  slices: readonly AxisSlice[],
  fold: ArrayFold | null,
  most = Number.POSITIVE_INFINITY,
): ArraySlice {
  const kept = placesOf(array, slices);
  const folded = foldedAxes(array, fold);
  const axes = array.axes.map(({ dim, labels }, axis) => ({
    dim,
    labels: kept[axis]!.map((place) => labels[place]!),
  }));
  const left = axes.filter((_, axis) => !folded.includes(axis));
  const size = left.reduce((product, { labels }) => product * labels.length, 1);
  if (size > most)
    throw bad(
      array,
      `${size} values (allowed: up to ${most}): keep fewer labels, or fold an axis (${dimsOf(array)})`,
    );
  const values = new Float64Array(size).fill(Number.NaN);
  const counts = new Uint32Array(size);
  const join = fold?.by === "MAX" ? Math.max : (all: number, value: number) => all + value;
  visit(array, kept, folded, (from, to) => {
    const value = array.values[from]!;
    if (Number.isNaN(value)) return;
    values[to] = counts[to]! === 0 ? value : join(values[to]!, value);
    counts[to]!++;
  });
  if (fold?.by === "MEAN") for (let i = 0; i < size; i++) values[i]! /= counts[i]!;
  return { axes: left, values, counts: fold ? counts : null };
}

/** Calls back with the place of every kept value in the array and in what comes out. */
function visit(
  { axes }: LabeledArray,
  kept: readonly (readonly number[])[],
  folded: readonly number[],
  each: (from: number, to: number) => void,
): void {
  const strides = stridesOf(axes.map(({ labels }) => labels.length));
  const shape = kept.map((places, axis) => (folded.includes(axis) ? 1 : places.length));
  const steps = stridesOf(shape).map((step, axis) => (folded.includes(axis) ? 0 : step));
  const along = (axis: number, from: number, to: number): void => {
    if (axis === axes.length) each(from, to);
    else
      for (const [i, place] of kept[axis]!.entries())
        along(axis + 1, from + place * strides[axis]!, to + i * steps[axis]!);
  };
  along(0, 0, 0);
}

/** How far apart neighbours along each axis lie, row-major. */
const stridesOf = (lengths: readonly number[]): number[] =>
  lengths.map((_, axis) => lengths.slice(axis + 1).reduce((product, length) => product * length, 1));

/** The kept places of every axis. */
function placesOf(array: LabeledArray, slices: readonly AxisSlice[]): number[][] {
  for (const [i, { dim }] of slices.entries()) {
    axisOf(array, dim);
    if (slices.findIndex((other) => other.dim === dim) !== i) throw bad(array, `axis ${dim}: sliced twice`);
  }
  return array.axes.map(({ dim, labels }) => {
    const { labels: wanted, from, to } = slices.find((slice) => slice.dim === dim) ?? { labels: null };
    const places = new Map(labels.map((label, place) => [label, place]));
    const place = (label: string): number => {
      const found = places.get(label);
      if (found === undefined)
        throw bad(array, `axis ${dim}: no label ${label} (there are: ${listed(labels)})`);
      return found;
    };
    if (wanted != null && (from != null || to != null))
      throw bad(array, `axis ${dim}: give labels, or from and to`);
    if (wanted != null) {
      const chosen = wanted.map(place);
      if (new Set(chosen).size < chosen.length) throw bad(array, `axis ${dim}: a label is named twice`);
      return chosen;
    }
    const [first, last] = [from == null ? 0 : place(from), to == null ? labels.length - 1 : place(to)];
    if (first > last && labels.length > 0) throw bad(array, `axis ${dim}: ${from} comes after ${to}`);
    return labels.map((_, at) => at).slice(first, last + 1);
  });
}

function foldedAxes(array: LabeledArray, fold: ArrayFold | null): number[] {
  if (fold && fold.over.length === 0)
    throw bad(array, `fold over no axis (name some of ${dimsOf(array)}, or leave it out)`);
  return (fold?.over ?? []).map((dim) => axisOf(array, dim));
}

function axisOf(array: LabeledArray, dim: string): number {
  const axis = array.axes.findIndex((own) => own.dim === dim);
  if (axis < 0) throw bad(array, `no axis ${dim} (there are: ${dimsOf(array)})`);
  return axis;
}

const SHOWN_LABELS = 20;
const listed = (labels: readonly string[]): string =>
  labels.length <= SHOWN_LABELS
    ? labels.join(", ")
    : `${labels.slice(0, SHOWN_LABELS).join(", ")}, and ${labels.length - SHOWN_LABELS} more up to ${labels.at(-1)}`;
const dimsOf = ({ axes }: LabeledArray): string => axes.map(({ dim }) => dim).join(", ");
const bad = ({ name }: LabeledArray, problem: string): EngineError =>
  new EngineError("BAD_INPUT", `array ${name}: ${problem}`);
