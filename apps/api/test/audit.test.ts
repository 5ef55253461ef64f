import { expect, it } from "vitest";
import { audited, type Deed } from "../src/access/audit.ts";
import { ApiError } from "../src/errors.ts";

const deed = { actor: { name: "t" }, action: "createRun", subject: "run 1" };

/** Keeps what is written down; `broken` from the given line on. */
function events(broken = Number.POSITIVE_INFINITY) {
  const written: Deed["outcome"][] = [];
  const create = async ({ data }: { data: { outcome: string } }) => {
    if (written.length >= broken) throw new Error("the disk is full");
    written.push(data.outcome);
  };
  return { written, prisma: { auditEvent: { create } } as never };
}

it("writes down one event for a deed, whether it worked or not", async () => {
  const { written, prisma } = events();
  expect(await audited(prisma, deed, async () => 7)).toBe(7);
  const refused = new ApiError("FORBIDDEN", "no");
  await expect(
    audited(prisma, deed, async () => {
      throw refused;
    }),
  ).rejects.toBe(refused);
  expect(written).toEqual(["OK", "FORBIDDEN"]);
});

it("does not call a deed that worked a failure because it could not be written down", async () => {
  const { written, prisma } = events(0);
  let tries = 0;
  const counted = {
    auditEvent: {
      create: async (row: never) => {
        tries++;
        return (prisma as { auditEvent: { create(row: never): Promise<void> } }).auditEvent.create(row);
      },
    },
  } as never;
  await expect(audited(counted, deed, async () => 7)).rejects.toThrow("the disk is full");
  expect([tries, written]).toEqual([1, []]);
});
