import { createHash } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { TensorLocation } from "../checkpoints/checkpoint.ts";
import { readRows, readTensor } from "../checkpoints/read-tensor.ts";
import { readSafetensors } from "../checkpoints/safetensors.ts";
import { writeSafetensors } from "../checkpoints/safetensors-writer.ts";
import { EngineError } from "../errors.ts";
import type { ShardNumbers } from "../sweeps/run-sweep.ts";
import { type Shard, shardsOf } from "../sweeps/shards.ts";
import type { Sweep } from "../sweeps/sweep.ts";

type Tensors = ReadonlyMap<string, TensorLocation>;

/** Logits that are read back at a time: 16 MB. */
const READ_NUMBERS = 2 ** 22;

/** `KEY-INDEX.safetensors`; a file that was being written when its process died ends in `.part`. */
const SHARD_FILE = /^([0-9a-f]{16})-(\d{6})\.safetensors(\..*\.part)?$/;

/**
 * Finished shards of a sweep in the folder OUT.partial, so that a sweep that was interrupted goes on where it stopped. Each is a file that
 * appears whole or not at all; its name holds a hash of everything the numbers depend on, so that those of another model, request or version
 * are not taken up.
 */
export class PartialSweep {
  readonly folder: string;
  private readonly key: string;
  private readonly shards: readonly Shard[];
  private readonly found = new Map<number, Tensors>();

  private constructor(out: string, request: unknown, sweep: Sweep) {
    this.folder = `${out}.partial`;
    this.key = createHash("sha256").update(JSON.stringify(request)).digest("hex").slice(0, 16);
    this.shards = shardsOf(sweep);
  }

  /**
   * @param request all that the numbers depend on: model, versions, pairs, options
   * @throws EngineError BAD_INPUT where OUT.partial is something else
   */
  static async open(out: string, request: unknown, sweep: Sweep): Promise<PartialSweep> {
    const partial = new PartialSweep(out, request, sweep);
    await partial.lookUp();
    return partial;
  }

  /** Indices of the shards that are there. */
  get done(): ReadonlySet<number> {
    return new Set(this.found.keys());
  }

  async write({ shard, unchanged, metric, lastLogits }: ShardNumbers): Promise<void> {
    const places = metric.length / 2;
    const tensors = [
      { name: "unchanged", shape: [shard.parts.length, 2, 2], data: unchanged },
      { name: "metric", shape: [places, 2], data: metric },
    ];
    if (lastLogits)
      tensors.push({ name: "last_logits", shape: [places, lastLogits.length / places], data: lastLogits });
    const file = path.join(this.folder, `${this.key}-${String(shard.index).padStart(6, "0")}.safetensors`);
    await mkdir(this.folder, { recursive: true });
    await writeSafetensors(file, tensors);
    this.found.set(shard.index, await tensorsOf(file));
  }

  /** The numbers of a finished shard; its full logits stay on disk. */
  async read(index: number): Promise<Omit<ShardNumbers, "lastLogits">> {
    const tensors = this.found.get(index)!;
    return {
      shard: this.shards[index]!,
      unchanged: await readTensor(tensors.get("unchanged")!),
      metric: await readTensor(tensors.get("metric")!),
    };
  }

  /** All logits of every place and pair, `[place, pair, vocabulary]`, some pairs at a time; all shards must be there. */
  async *lastLogits(places: number, pairs: number, vocabulary: number): AsyncGenerator<Float32Array> {
    const parts = this.partsOfPairs(pairs);
    const size = Math.max(1, Math.floor(READ_NUMBERS / vocabulary));
    for (let place = 0; place < places; place++)
      for (let from = 0; from < pairs; from += size) {
        const count = Math.min(size, pairs - from);
        const out = new Float32Array(count * vocabulary);
        const byShard = new Map<number, { at: number[]; rows: number[] }>();
        for (let i = 0; i < count; i++) {
          const part = parts[from + i]!.findLast((own) => own.from <= place)!;
          const own = byShard.get(part.shard) ?? { at: [], rows: [] };
          own.at.push(i);
          own.rows.push(part.row + place - part.from);
          byShard.set(part.shard, own);
        }
        for (const [shard, { at, rows }] of byShard) {
          const own = await readRows(this.found.get(shard)!.get("last_logits")!, rows);
          for (const [i, target] of at.entries())
            out.set(own.subarray(i * vocabulary, (i + 1) * vocabulary), target * vocabulary);
        }
        yield out;
      }
  }

  /** Where each pair's places lie: in which shards, from which row on. */
  private partsOfPairs(pairs: number): { shard: number; from: number; row: number }[][] {
    const parts = Array.from({ length: pairs }, () => [] as { shard: number; from: number; row: number }[]);
    for (const { index, parts: own } of this.shards) {
      let row = 0;
      for (const { pair, from, to } of own) {
        parts[pair]!.push({ shard: index, from, row });
        row += to - from;
      }
    }
    return parts;
  }

  /** Takes the folder away, finished shards and all. */
  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  private async lookUp(): Promise<void> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return [];
      throw this.foreign(`cannot be read (${error.code})`);
    });
    for (const name of names) {
      const [, key, index, part] = SHARD_FILE.exec(name) ?? [];
      if (!key) throw this.foreign(`holds ${name}`);
      if (key !== this.key || part || !this.shards[Number(index)]) continue;
      // A file that is damaged is computed again.
      const tensors = await tensorsOf(path.join(this.folder, name)).catch(() => null);
      if (tensors) this.found.set(Number(index), tensors);
    }
  }

  private foreign(what: string): EngineError {
    return new EngineError(
      "BAD_INPUT",
      `folder ${this.folder}: ${what} (finished parts of a sweep are kept there, nothing else: move it away or name another output file)`,
    );
  }
}

const tensorsOf = async (file: string): Promise<Tensors> =>
  new Map((await readSafetensors(file)).weights.map((tensor) => [tensor.name, tensor]));
