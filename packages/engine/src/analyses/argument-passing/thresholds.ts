/** At or below this mean |clean - corrupted| (logits) a normalised effect is a quotient of noise. */
export const MIN_DENOMINATOR = 0.1;
/** Normalised effect from which a head matters. */
export const MIN_EFFECT = 0.02;
/** Benjamini-Hochberg q below which an effect counts as found. */
export const MAX_Q = 0.05;
