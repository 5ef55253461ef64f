/** Places 0 to count - 1 in the order of their names; as they are without names. */
export function placesByName(count: number, names?: readonly string[]): number[] {
  const places = Array.from({ length: count }, (_, i) => i);
  if (!names) return places;
  if (names.length !== count)
    throw new RangeError(`names: ${names.length} (expected one per fact: ${count})`);
  return places.sort((a, b) => (names[a]! < names[b]! ? -1 : names[a]! > names[b]! ? 1 : a - b));
}
