export const ENGINE_VERSION = "0.1.0";

/** Bumped whenever a hook, metric or statistic changes its meaning: runs of different semantics are not compared. */
export const SEMANTICS_VERSION = 2;
