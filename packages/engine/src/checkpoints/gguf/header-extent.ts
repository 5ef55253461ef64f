const SIZES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const [STRING, ARRAY] = [8, 9];
/** The format's own limit for keys; names of tensors are shorter still. */
const MAX_NAME = 65_535;

/** What is wrong with a header; the caller knows the file. */
export class BadHeader extends Error {}

/** Bytes of the header that have not been read yet. */
export class NeedMore extends Error {
  constructor(readonly upTo: number) {
    super(`needs ${upTo} bytes`);
  }
}

export interface HeaderExtent {
  /** Bytes from the file's start to the last one of the header. */
  length: number;
  /** Where the string lies that a metadata value is, or ends with if it is a list: `[start, end)` in bytes. */
  lastStrings: ReadonlyMap<string, readonly [start: number, end: number]>;
}

/**
 * Walks through the header of a GGUF file (versions 2 and 3, little endian) and refuses every count and length that does not fit into the file: a
 * parser that makes room for what a header claims is then bounded by the file's size.
 * @param bytes the file's first bytes @param size of the file
 * @throws NeedMore where `bytes` are too few, BadHeader where no more would help
 */
export const headerExtent = (bytes: Uint8Array, size: number): HeaderExtent => new Walker(bytes, size).walk();

class Walker {
  private at = 0;
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly size: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  walk(): HeaderExtent {
    this.skip(4, 1, "magic number");
    const version = this.u32("version");
    // The first version, of August 2023, is gone from the hub; what looks like a huge one is big endian.
    if (version !== 2 && version !== 3)
      throw new BadHeader(`version ${version} (supported: 2 and 3, little endian)`);
    const tensors = this.count("number of tensors", 24);
    const pairs = this.count("number of metadata keys", 13);
    const lastStrings = new Map<string, readonly [number, number]>();
    for (let i = 0; i < pairs; i++) {
      const key = this.name(`metadata key ${i}`);
      if (lastStrings.has(key)) throw new BadHeader(`metadata key ${JSON.stringify(key)} is there twice`);
      lastStrings.set(key, this.value(`value of ${JSON.stringify(key)}`));
    }
    for (let i = 0; i < tensors; i++) {
      const what = `tensor ${JSON.stringify(this.name(`name of tensor ${i}`))}`;
      const dimensions = this.u32(`dimensions of ${what}`);
      if (dimensions > 4) throw new BadHeader(`${what} has ${dimensions} dimensions (at most 4)`);
      this.skip(8, dimensions, `shape of ${what}`);
      this.skip(12, 1, `type and offset of ${what}`);
    }
    return { length: this.at, lastStrings };
  }

  /** @returns the last string's place; an empty one at its end where the value has none */
  private value(what: string): [number, number] {
    const type = this.u32(`type of the ${what}`);
    if (type === STRING) return this.string(what);
    if (type !== ARRAY) {
      this.skip(this.sizeOf(type, what), 1, what);
      return [this.at, this.at];
    }
    const inner = this.u32(`type of the ${what}`);
    if (inner === ARRAY) throw new BadHeader(`${what} is a list of lists (which the format does not have)`);
    const each = inner === STRING ? 8 : this.sizeOf(inner, what);
    const length = this.count(`length of the ${what}`, each);
    if (inner !== STRING) this.skip(each, length, what);
    let last: [number, number] = [this.at, this.at];
    if (inner === STRING) for (let i = 0; i < length; i++) last = this.string(what);
    return last;
  }

  private sizeOf(type: number, what: string): number {
    const size = SIZES[type];
    if (!size) throw new BadHeader(`${what} has the unknown type ${type}`);
    return size;
  }

  private name(what: string): string {
    const [start, end] = this.string(what);
    if (end - start > MAX_NAME) throw new BadHeader(`${what} has ${end - start} bytes (at most ${MAX_NAME})`);
    return new TextDecoder().decode(this.bytes.subarray(start, end));
  }

  private string(what: string): [start: number, end: number] {
    const length = this.count(`length of the ${what}`, 1);
    this.skip(1, length, what);
    return [this.at - length, this.at];
  }

  private u32(what: string): number {
    this.skip(4, 1, what);
    return this.view.getUint32(this.at - 4, true);
  }

  /** A number of things that need at least `least` bytes each. */
  private count(what: string, least: number): number {
    this.skip(8, 1, what);
    const count = this.view.getBigUint64(this.at - 8, true);
    const room = Math.floor((this.size - this.at) / least);
    if (count > room)
      throw new BadHeader(`${what} is ${count} (the rest of the file has room for ${room}; is it whole?)`);
    return Number(count);
  }

  private skip(each: number, count: number, what: string): void {
    const end = this.at + each * count;
    if (end > this.size) throw new BadHeader(`truncated: ${this.size} bytes, the ${what} needs ${end}`);
    if (end > this.view.byteLength) throw new NeedMore(end);
    this.at = end;
  }
}
