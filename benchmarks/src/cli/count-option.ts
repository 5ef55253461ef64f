/** An option that counts something. @throws Error with the usage */
export function countOption(
  name: string,
  text: string | undefined,
  otherwise: number,
  usage: string,
): number {
  if (text === undefined) return otherwise;
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new Error(`--${name} ${text}: a number above 0 expected\n\n${usage}`);
  return Number(text);
}
