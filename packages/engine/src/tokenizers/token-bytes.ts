/** GPT-2's byte-level alphabet: every byte has a printable character. */
const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = byteAlphabet();

function byteAlphabet(): Map<string, number> {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  const alphabet = new Map<string, number>();
  let next = 256;
  for (let byte = 0; byte < 256; byte++)
    alphabet.set(String.fromCodePoint(printable(byte) ? byte : next++), byte);
  return alphabet;
}

const encoder = new TextEncoder();

/** How a tokenizer spells bytes and spaces in its token strings. */
export type Spelling = "byte-level" | "metaspace" | "plain";

/** The UTF-8 bytes a token string stands for. */
export function tokenBytes(token: string, spelling: Spelling): Uint8Array {
  if (spelling === "byte-level") {
    const bytes: number[] = [];
    for (const character of token) {
      const byte = BYTE_OF_CHARACTER.get(character);
      if (byte === undefined) bytes.push(...encoder.encode(character));
      else bytes.push(byte);
    }
    return Uint8Array.from(bytes);
  }
  if (spelling === "metaspace") {
    const byte = /^<0x([0-9A-F]{2})>$/.exec(token);
    return byte
      ? Uint8Array.of(Number.parseInt(byte[1]!, 16))
      : encoder.encode(token.replaceAll("\u2581", " "));
  }
  return encoder.encode(token);
}

/** Bytes as a person should see them: text where they are text, `<0xNN>` where they are not. */
export function showBytes(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return [...bytes].map((byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`).join("");
  }
}

/** For each UTF-8 byte of a text, where its character starts and ends in UTF-16 units. */
export function byteOffsets(text: string): { bytes: Uint8Array; start: Uint32Array; end: Uint32Array } {
  const bytes = encoder.encode(text);
  const start = new Uint32Array(bytes.length);
  const end = new Uint32Array(bytes.length);
  let at = 0;
  let unit = 0;
  for (const character of text) {
    const length = encoder.encode(character).length;
    start.fill(unit, at, at + length);
    end.fill(unit + character.length, at, at + length);
    at += length;
    unit += character.length;
  }
  return { bytes, start, end };
}
