import type { PrismaClient } from "../generated/prisma/client.ts";
import { publicFailure } from "../public-failure.ts";
import { storable } from "../runs/failure.ts";
import { redact } from "../secrets.ts";
import type { Actor } from "./actor.ts";

export interface Deed {
  actor: Pick<Actor, "name">;
  action: string;
  /** Ids and names, never contents. */
  subject: string | null;
  /** OK, or the code of the error. */
  outcome: string;
}

const LONGEST = 1_000;

/** Writes down who did what. */
export async function recordDeed(prisma: PrismaClient, { actor, action, subject, outcome }: Deed) {
  await prisma.auditEvent.create({
    data: {
      actor: actor.name,
      action,
      subject: subject === null ? null : storable(redact(subject)).slice(0, LONGEST),
      outcome,
    },
  });
}

/** Carries out a deed and writes it down, whether it worked or not. */
export async function audited<T>(
  prisma: PrismaClient,
  deed: Omit<Deed, "outcome">,
  work: () => Promise<T>,
  more: (result: T) => string | null = () => null,
): Promise<T> {
  const result = await work().catch(async (error: unknown) => {
    await recordDeed(prisma, { ...deed, outcome: codeOf(error) });
    throw error;
  });
  const subject = [deed.subject, more(result)].filter(Boolean).join(" ") || null;
  await recordDeed(prisma, { ...deed, subject, outcome: "OK" });
  return result;
}

/** The code that the answer has, too. */
const codeOf = (error: unknown): string => publicFailure(error)?.code ?? "INTERNAL_SERVER_ERROR";
