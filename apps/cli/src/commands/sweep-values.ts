import type { HeadRef, KeySpan, Receiver } from "@recallscope/engine";
import { InvalidArgumentError } from "commander";
import { listOf } from "./options.ts";

const MOST_ALPHAS = 1000;

const headOf = (text: string): HeadRef | null => {
  const [, layer, head] = /^L(\d+)H(\d+)$/i.exec(text) ?? [];
  return layer === undefined ? null : { layer: Number(layer), head: Number(head) };
};

/** `L9H8,L10H0`, or `all`. */
export const headList = (text: string): HeadRef[] | "all" =>
  text === "all" ? text : listOf(headOf, "all, or heads such as L9H8,L10H0")(text);

const spanOf = (text: string): KeySpan | null => {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  return first === undefined ? null : [Number(first), Number(last ?? first)];
};

/** `0,3-5`: positions and spans of them, both ends included. */
export const spanList = listOf(spanOf, "positions and spans of them, such as 0,3-5");

function receiverOf(text: string): Receiver | null {
  if (/^final$/i.test(text)) return { kind: "final" };
  const mlp = /^MLP(\d+)$/i.exec(text);
  if (mlp) return { kind: "mlp", layer: Number(mlp[1]) };
  const [, layer, axis, head, kind] = /^L(\d+)(H|KV)(\d+)\.([qkv])$/i.exec(text) ?? [];
  if (layer === undefined) return null;
  const point = kind!.toLowerCase() as "q" | "k" | "v";
  // Query heads of a group share keys and values: those are named by key/value head.
  if ((point === "q") !== (axis!.toUpperCase() === "H")) return null;
  return { kind: point, layer: Number(layer), head: Number(head) };
}

/** `final`, `MLP7`, `L9H3.q`, `L9KV1.k`. */
export const receiverList = listOf(
  receiverOf,
  "final, MLP7, L9H3.q (query head 3 of layer 9), L9KV1.k and L9KV1.v (its key/value head 1)",
);

/** `0,0.5,1` or `0:2:0.25`, both ends included, or both mixed. */
export function alphaList(text: string): number[] {
  const alphas = listOf(rangeOf, "numbers and ranges FROM:TO:STEP, such as 0,1 or 0:2:0.25")(text).flat();
  if (alphas.length > MOST_ALPHAS) throw new InvalidArgumentError(`At most ${MOST_ALPHAS} are allowed.`);
  return [...new Set(alphas)];
}

function rangeOf(text: string): number[] | null {
  const numbers = text.split(":").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (!numbers.every(Number.isFinite)) return null;
  const [from, to, step] = numbers as [number, number?, number?];
  if (to === undefined) return [from];
  if (step === undefined || numbers.length > 3 || step <= 0 || to < from) return null;
  const count = Math.floor((to - from) / step + 1e-9) + 1;
  if (count > MOST_ALPHAS) return null;
  // 3 * 0.1 is 0.30000000000000004; nobody means that.
  return Array.from({ length: count }, (_, i) => Number((from + i * step).toPrecision(12)));
}
