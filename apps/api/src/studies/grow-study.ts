import { asJson } from "../results/json.ts";
import type { Tx } from "../services.ts";
import { type Axes, cellsOf, joinAxes } from "./axes.ts";
import { axesOf } from "./find-study.ts";

/**
 * Adds what a study does not have yet at the ends of its sides, with a cell for every new combination; what it has stays where it is.
 * @returns the whole grid
 * @throws ApiError BAD_USER_INPUT where it would be too large
 */
export async function growStudy(tx: Tx, id: string, more: Axes): Promise<Axes> {
  // Two people who extend it at the same moment: the second sees what the first has added.
  await tx.$queryRaw`select id from "Study" where id = ${id}::uuid for update`;
  const grid = joinAxes(await axesOf(tx, id), more);
  await tx.studyCell.createMany({ data: cellsOf(id, grid), skipDuplicates: true });
  await tx.study.update({ where: { id }, data: { settings: asJson(grid.settings) } });
  return grid;
}

/** Makes a study, or finds the one of that name, one caller at a time. */
export async function studyNamed(
  tx: Tx,
  { name, ...rest }: { name: string; note: string | null; createdById: string | null },
): Promise<{ id: string; created: boolean }> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`study ${name}`}, 0))`;
  const known = await tx.study.findUnique({ where: { name }, select: { id: true } });
  if (known) return { ...known, created: false };
  const { id } = await tx.study.create({ data: { name, ...rest, settings: [] }, select: { id: true } });
  return { id, created: true };
}
