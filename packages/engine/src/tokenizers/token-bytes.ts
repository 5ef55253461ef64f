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

/** The UTF-8 bytes a token string stands for; a space of a metaspace vocabulary stays U+2581, as in the rewritten text. */
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
    return byte ? Uint8Array.of(Number.parseInt(byte[1]!, 16)) : encoder.encode(token);
  }
  return encoder.encode(token);
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The text that bytes are; null where they are none. */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** Bytes as a person should see them: text where they are text, `<0xNN>` where they are not. */
export const showBytes = (bytes: Uint8Array): string =>
  textOf(bytes) ??
  [...bytes].map((byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`).join("");
