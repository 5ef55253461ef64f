import { expect, it } from "vitest";
import { assignSlots } from "@/table/row-slots.ts";

const slotsOf = (before: Record<string, number>, keys: string[]) =>
  Object.fromEntries(assignSlots(new Map(Object.entries(before)), keys));

it("gives rows of another page the slots of those that went", () => {
  const page = slotsOf({}, ["a", "b", "c"]);
  expect(page).toEqual({ a: 0, b: 1, c: 2 });
  expect(slotsOf(page, ["d", "e", "f"])).toEqual({ d: 0, e: 1, f: 2 });
});

it("lets a row keep its slot, wherever it comes to stand", () => {
  expect(slotsOf({ a: 0, b: 1, c: 2 }, ["new", "a", "b"])).toEqual({ new: 2, a: 0, b: 1 });
  expect(slotsOf({ a: 0, b: 1, c: 2 }, ["c"])).toEqual({ c: 2 });
});

it("never gives a slot twice", () => {
  let slots = assignSlots(new Map(), ["a"]);
  for (const keys of [
    ["a", "b", "c", "d"],
    ["d", "x"],
    ["y", "x", "z", "d", "w"],
  ]) {
    slots = assignSlots(slots, keys);
    expect([...slots.keys()]).toEqual(keys);
    expect(new Set(slots.values()).size).toBe(keys.length);
  }
});
