import type { Prisma } from "../generated/prisma/client.ts";

/** Plain data as a JSON column takes it. */
export const asJson = (value: object): Prisma.InputJsonValue => value as unknown as Prisma.InputJsonValue;

/** A JSON column read back as what was written into it. */
export const fromJson = <T>(value: unknown): T => value as T;
