"use client";
import { useState } from "react";

type Slots = ReadonlyMap<string, number>;

/**
 * React keys for rows: a row keeps its slot while it is listed, and rows that come take the slots of those that went. Another page of a list
 * then changes the words in its rows, and makes no new ones.
 * @param keys of the rows, each once
 * @returns the slot of each
 */
export function useRowSlots(keys: readonly string[]): readonly number[] {
  const [slots, setSlots] = useState<Slots>(() => assignSlots(new Map(), keys));
  const current = keys.every((key) => slots.has(key)) ? slots : assignSlots(slots, keys);
  if (current !== slots) setSlots(current);
  return keys.map((key) => current.get(key)!);
}

export function assignSlots(before: Slots, keys: readonly string[]): Slots {
  const kept = keys.filter((key) => before.has(key));
  const taken = new Set(kept.map((key) => before.get(key)!));
  const free = Array.from({ length: keys.length }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  return new Map(keys.map((key) => [key, before.get(key) ?? free.shift()!]));
}
