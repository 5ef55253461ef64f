import type { PatchEffect, PatchedPairs } from "./activation-patching.ts";
import type { Estimate } from "./estimate.ts";
import type { SweepMode } from "./receipt.ts";

/**
 * A position by what it is to the prompt: the subject's first token, all between first and last, its last, the k-th token after the subject,
 * the last of the prompt. Each position has one name; `last` goes before the others and `subjLast` before `subjFirst`.
 */
export type SweptPosition = "subjFirst" | "subjMiddle" | "subjLast" | `+${number}` | "last";

/**
 * Why a place of a screened sweep was patched exactly: among the largest |estimates|; the interval of its estimate reaches the threshold of
 * movers in either direction; drawn at random from the others.
 */
export const SCREEN_REASONS = ["TOP", "INTERVAL", "AUDIT"] as const;
export type ScreenReason = (typeof SCREEN_REASONS)[number];

interface SweptHead {
  position: SweptPosition;
  layer: number;
  head: number;
  /** `L9H8 at subjLast` */
  label: string;
}

/** A place whose effect is exact: patched, or 0 because nothing reads it (the last layer's heads before the last position). */
export interface ExactPlace extends SweptHead, PatchEffect {
  exact: true;
  /** q < 0.05, interval above 0, effect >= 0.02; never on fewer than 8 facts. */
  mover: boolean;
  /** In a screened sweep: why it was patched; empty where it needed no patch, or in an exact sweep. */
  chosenBy: ScreenReason[];
  /** In a screened sweep: what the gradient said. Never the effect. */
  estimate: Estimate | null;
}

/** A place that was only screened: it has no exact effect, p or q, and is no mover. */
export interface ScreenedPlace extends SweptHead {
  exact: false;
  /** Attribution patching's first-order estimate of `effect`. */
  estimate: Estimate;
}

export type SweptPlace = ExactPlace | ScreenedPlace;

/** What a random sample of the places that the screen passed over says of those that it missed. */
export interface ScreenAudit {
  /** Places neither in the top nor with an interval that reaches the threshold. */
  passedOver: number;
  /** Of these, drawn at random and patched exactly. */
  audited: number;
  /** Labels of audited places that matter all the same: |exact effect| >= `minEffect`; and of those that are movers. */
  missed: string[];
  missedMovers: string[];
  /** missed / audited, and its exact one-sided 95 % upper bound (Clopper-Pearson); null where nothing was left to audit. */
  missedShare: number | null;
  missedShareAtMost: number | null;
  /** What these shares come to among the places that were passed over and not audited; 0 where all were. */
  missedElsewhere: number;
  missedElsewhereAtMost: number;
}

export interface SweepScreen {
  /** Places that could be chosen: without those of known effect 0 and those that no estimate could be made for. */
  candidates: number;
  /** Candidates patched exactly, in all and by reason; a place of the top may also be one by its interval. */
  patched: number;
  top: number;
  byInterval: number;
  audit: ScreenAudit;
}

/** Activation patching of every head's z at every position from the subject on, under subject corruption. */
export interface HeadPositionSweepReport extends PatchedPairs {
  corruption: "SUBJECT";
  metric: "logit_diff";
  mode: SweepMode;
  /** Normalised effect from which a place matters. */
  minEffect: number;
  /** Why positions before the subject are not among the places. */
  beforeSubject: { effect: 0; reason: string };
  /** In the order of a prompt, with the usable pairs and facts that have the position. */
  positions: { position: SweptPosition; prompts: number; facts: number }[];
  /**
   * By position, layer, head: the head runs fastest. q-values are over all of them in either mode; places that were not patched, or that are no
   * finding in either direction (|effect| >= 0.02, interval without 0, at least 8 facts), count with p = 1.
   */
  places: SweptPlace[];
  /** Labels by effect, the largest first. */
  movers: string[];
  /** null in an exact sweep. */
  screen: SweepScreen | null;
}
