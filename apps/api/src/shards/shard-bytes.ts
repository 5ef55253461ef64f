import type { ShardKind } from "../generated/prisma/client.ts";
import type { Tx } from "../services.ts";

/** What is written at a time: large enough to be quick, far below what a message to the database may hold. */
const PART_BYTES = 8 * 2 ** 20;

/** Stores what a shard gave. */
export async function writeShardBytes(
  tx: Tx,
  { runId, index }: { runId: string; index: number },
  bytes: Uint8Array,
): Promise<void> {
  for (let place = 0; place * PART_BYTES < bytes.length; place++) {
    const part = bytes.slice(place * PART_BYTES, (place + 1) * PART_BYTES);
    await tx.shardPart.create({ data: { runId, shard: index, place, bytes: part } });
  }
}

/** What the finished shards of one kind gave, in the order of the shards. */
export async function readShardBytes(tx: Tx, runId: string, kind: ShardKind): Promise<Uint8Array[]> {
  const shards = await tx.runShard.findMany({
    where: { runId, kind, status: "DONE" },
    orderBy: { index: "asc" },
    select: { index: true },
  });
  const all: Uint8Array[] = [];
  for (const { index } of shards) {
    const parts = await tx.shardPart.findMany({
      where: { runId, shard: index },
      orderBy: { place: "asc" },
      select: { bytes: true },
    });
    all.push(joined(parts.map(({ bytes }) => bytes)));
  }
  return all;
}

/** Of its own memory: a view of a shared buffer would take all of it along to another thread. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
