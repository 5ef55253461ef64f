import { upperShare } from "../../math/binomial-bound.ts";
import type { ScreenAudit, SweepScreen, SweptPlace } from "../../results/head-position-sweep.ts";
import { MIN_EFFECT } from "./thresholds.ts";

/** What was chosen of how many candidates, and what the audit says of those that were not. */
export function screenReport(places: readonly SweptPlace[], candidates: number): SweepScreen {
  const chosen = places.flatMap((place) => (place.exact && place.chosenBy.length > 0 ? [place] : []));
  const by = (reason: (typeof chosen)[number]["chosenBy"][number]) =>
    chosen.filter(({ chosenBy }) => chosenBy.includes(reason));
  const audited = by("AUDIT");
  const missed = audited.filter(({ effect }) => Math.abs(effect.value ?? 0) >= MIN_EFFECT);
  const passedOver = candidates - (chosen.length - audited.length);
  const unseen = passedOver - audited.length;
  const share = audited.length ? missed.length / audited.length : null;
  const shareAtMost = audited.length ? upperShare(missed.length, audited.length) : null;
  const audit: ScreenAudit = {
    passedOver,
    audited: audited.length,
    missed: missed.map(({ label }) => label),
    missedMovers: missed.filter(({ mover }) => mover).map(({ label }) => label),
    missedShare: share,
    missedShareAtMost: shareAtMost,
    missedElsewhere: unseen * (share ?? 0),
    missedElsewhereAtMost: unseen * (shareAtMost ?? 0),
  };
  return {
    candidates,
    patched: chosen.length,
    top: by("TOP").length,
    byInterval: by("INTERVAL").length,
    audit,
  };
}

/** What a reader must know of a screen that missed something; empty where the audit found nothing. */
export function auditWarnings({ audit }: SweepScreen): string[] {
  const { missed, missedMovers, audited, passedOver, missedElsewhere, missedElsewhereAtMost } = audit;
  if (missed.length === 0) return [];
  const movers = missedMovers.length ? `, ${missedMovers.length} of them movers` : "";
  return [
    `head-position-sweep: the screen passed over ${missed.length} of ${audited} audited places that matter (${missed.join(", ")}${movers}); of the ${passedOver - audited} places that were not patched about ${Math.round(missedElsewhere)} may matter too (at most ${Math.floor(missedElsewhereAtMost)} with 95 % confidence): sweepMode EXACT measures them all`,
  ];
}
