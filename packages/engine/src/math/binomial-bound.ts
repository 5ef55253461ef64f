/** P(X <= hits) of a binomial variable. */
function atMost(hits: number, trials: number, share: number): number {
  let logTerm = trials * Math.log1p(-share);
  let total = Math.exp(logTerm);
  for (let k = 1; k <= hits; k++) {
    logTerm += Math.log((trials - k + 1) / k) + Math.log(share) - Math.log1p(-share);
    total += Math.exp(logTerm);
  }
  return total;
}

/**
 * Exact one-sided 95 % upper bound of a share of which `hits` of `trials` were seen (Clopper & Pearson 1934): the share under which so few
 * hits have probability 0.05. Without replacement, as in an audit, it is on the safe side.
 */
export function upperShare(hits: number, trials: number): number {
  if (!(hits >= 0 && hits <= trials && trials > 0))
    throw new RangeError(`hits: ${hits} of ${trials} (expected 0 to trials, trials above 0)`);
  if (hits === trials) return 1;
  let [low, high] = [hits / trials, 1];
  // 60 halvings reach float64's resolution.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (atMost(hits, trials, middle) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}
