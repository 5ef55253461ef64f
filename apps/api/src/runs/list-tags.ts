import { Prisma, type PrismaClient } from "../generated/prisma/client.ts";

export interface Tag {
  name: string;
  runCount: number;
}
export interface TagOrder {
  by: "NAME" | "RUN_COUNT";
  direction: "ASC" | "DESC";
}

/** Tags in use with the number of their runs. @param text only tags with this in them, in any case of letters */
export async function listTags(
  prisma: PrismaClient,
  { text, order, limit, offset }: { text: string | null; order: TagOrder; limit: number; offset: number },
): Promise<Tag[]> {
  const columns = order.by === "NAME" ? ["tag"] : ['"runCount"', "tag"];
  const clause = columns.map((column) => `${column} ${order.direction === "ASC" ? "asc" : "desc"}`).join();
  return prisma.$queryRaw<Tag[]>`
    select tag as name, count(*)::int as "runCount" from "Run", unnest(tags) tag ${having(text)}
    group by tag order by ${Prisma.raw(clause)} limit ${limit} offset ${offset}`;
}

export async function countTags(prisma: PrismaClient, text: string | null): Promise<number> {
  const [row] = await prisma.$queryRaw<{ count: number }[]>`
    select count(distinct tag)::int as count from "Run", unnest(tags) tag ${having(text)}`;
  return row!.count;
}

const having = (text: string | null) =>
  text === null ? Prisma.empty : Prisma.sql`where strpos(lower(tag), lower(${text})) > 0`;
