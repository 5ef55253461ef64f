import { type Actor, isAtLeast } from "./actor.ts";
import { forbidden } from "./refusal.ts";

/**
 * Refuses to do something to what somebody else made, unless the role is admin.
 * @param what names it, e.g. `run 1f…`
 * @param deed e.g. `to delete it`
 * @throws Refusal FORBIDDEN
 */
export function refuseOthers(
  actor: Actor,
  createdById: string | null,
  what: string,
  deed = "to delete it",
): void {
  const own = createdById !== null && createdById === actor.id;
  if (!own && !isAtLeast(actor, "ADMIN"))
    throw forbidden(`${what}: belongs to somebody else, and ${deed} takes the role admin`);
}
