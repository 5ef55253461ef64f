import { type Actor, isAtLeast } from "./actor.ts";
import { forbidden } from "./refusal.ts";

/**
 * Refuses to remove what somebody else made, unless the role is admin.
 * @param what names it, e.g. `run 1f…`
 * @throws Refusal FORBIDDEN
 */
export function refuseOthers(actor: Actor, createdById: string | null, what: string): void {
  const own = createdById !== null && createdById === actor.id;
  if (!own && !isAtLeast(actor, "ADMIN"))
    throw forbidden(`${what}: belongs to somebody else, and to delete it takes the role admin`);
}
