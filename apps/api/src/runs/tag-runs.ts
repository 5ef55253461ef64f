import { ApiError } from "../errors.ts";
import type { Services } from "../services.ts";

/** Tags that one run may have. */
export const MAX_TAGS = 20;
/** Characters of a tag. */
export const MAX_TAG = 50;
/** Runs that one call may tag. */
export const MAX_TAGGED = 500;

/**
 * Adds and removes tags of several runs at once, of all or of none. What a run has already, or has not, stays so.
 * @param ids plain ids
 * @throws ApiError BAD_USER_INPUT where a run would have too many
 */
export async function tagRuns(
  { prisma, bus }: Pick<Services, "prisma" | "bus">,
  { ids, add, remove }: { ids: readonly string[]; add: readonly string[]; remove: readonly string[] },
): Promise<void> {
  await prisma.$transaction(async (tx) => {
    // Rows are locked in one order: two people who tag the same runs wait for each other instead of blocking each other.
    const tagged = await tx.$queryRaw<{ key: string; count: number }[]>`
      with chosen as (select id from "Run" where id = any(${ids}::uuid[]) order by id for update)
      update "Run" set tags = array(
        select distinct tag from unnest(coalesce(tags, '{}') || ${add}::text[]) tag
        where tag <> all(${remove}::text[]) order by tag)
      from chosen where "Run".id = chosen.id
      returning key, cardinality(tags) count`;
    const full = tagged.find(({ count }) => count > MAX_TAGS);
    if (full)
      throw new ApiError(
        "BAD_USER_INPUT",
        `run ${full.key}: would have ${full.count} tags (allowed: up to ${MAX_TAGS}): remove some`,
      );
  });
  for (const runId of ids) bus.publish({ runId, kind: "labels" });
}
