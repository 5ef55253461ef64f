import type { Device } from "@recallscope/engine";
import { ApiError } from "../errors.ts";
import type { Prisma, Run } from "../generated/prisma/client.ts";
import type { Tx } from "../services.ts";
import { isUuid } from "../uuid.ts";

const KEY = /^[0-9a-f]{16}$/;

/** The run that an id or a key means; of several with one key the newest. Null for anything else. */
export function whereIdOrKey(text: string): Prisma.RunWhereInput | null {
  if (isUuid(text)) return { id: text };
  return KEY.test(text) ? { OR: [{ key: text }, { requestKey: text }] } : null;
}

/** The newest finished run with a key, of those computed on a device where one is named: rounding differs from device to device. */
export const findFinished = (tx: Tx, key: string, device: Device | null = null): Promise<Run | null> =>
  tx.run.findFirst({
    where: {
      key,
      status: "SUCCEEDED",
      ...(device !== null && { receipt: { path: ["device"], equals: device } }),
    },
    orderBy: { id: "desc" },
  });

/** The run that an id or key means, finished if one of them is. @throws ApiError NOT_FOUND */
export const findRun = async (tx: Tx, text: string): Promise<Run> => (await findRuns(tx, [text]))[0]!;

/** The runs that ids or keys mean, as `findRun` finds each, with one statement for all. @throws ApiError NOT_FOUND */
export async function findRuns(tx: Tx, given: readonly string[]): Promise<Run[]> {
  const runs = await tx.run.findMany({ where: whereAny(given), orderBy: { id: "desc" } });
  return given.map((text) => {
    const meant = runs.filter((run) => means(text, run));
    const run = meant.find(({ status }) => status === "SUCCEEDED") ?? meant[0];
    if (!run) throw noSuchRun(text);
    return run;
  });
}

/**
 * The ids of several runs, in the order given, each once; a key means the newest run of that key.
 * @throws ApiError NOT_FOUND naming the first that is none
 */
export async function findRunIds(tx: Tx, given: readonly string[]): Promise<string[]> {
  const runs = await tx.run.findMany({
    where: whereAny(given),
    orderBy: { id: "desc" },
    select: { id: true, key: true, requestKey: true },
  });
  const ids = given.map((text) => {
    const run = runs.find((each) => means(text, each));
    if (!run) throw noSuchRun(text);
    return run.id;
  });
  return [...new Set(ids)];
}

const whereAny = (given: readonly string[]): Prisma.RunWhereInput => ({
  OR: given.flatMap((text) => whereIdOrKey(text) ?? []),
});
const means = (text: string, { id, key, requestKey }: Pick<Run, "id" | "key" | "requestKey">): boolean =>
  id === text.toLowerCase() || key === text || requestKey === text;

export const noSuchRun = (text: string) =>
  new ApiError("NOT_FOUND", `run ${text}: there is none (was it deleted?)`);
