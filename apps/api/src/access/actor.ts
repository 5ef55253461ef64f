import type { Role } from "../generated/prisma/enums.ts";

/** Who asks, and what for. */
export interface Actor {
  /** The token's row; null for this machine's own user. */
  id: string | null;
  name: string;
  role: Role;
}

/** The user of this machine, who could open the data folder with any other program as well. */
export const LOCAL: Actor = { id: null, name: "local", role: "ADMIN" };

const RISING: readonly Role[] = ["READ", "WRITE", "ADMIN"];

/** Each role may do what the ones before it may. */
export const isAtLeast = ({ role }: Actor, needed: Role): boolean =>
  RISING.indexOf(role) >= RISING.indexOf(needed);
