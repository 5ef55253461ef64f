/** Every number inside a value, with its path. */
export function* numbers(value: unknown, path = ""): Generator<[string, number]> {
  if (typeof value === "number") yield [path, value];
  else if (ArrayBuffer.isView(value)) yield* numbers(Array.from(value as Float32Array), path);
  else if (value && typeof value === "object")
    for (const [key, inner] of Object.entries(value)) yield* numbers(inner, `${path}.${key}`);
}
