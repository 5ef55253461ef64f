import type { Settings } from "./fragments.ts";

/** Settings that were read, as the API takes them: without the name of their type, which the cache adds. */
export const settingsInput = (settings: Settings) => {
  const {
    shots,
    seed,
    knownFilter,
    leadIns,
    bootstrapSamples,
    analyses,
    sweepPrompts,
    sweepMode,
    precision,
  } = settings;
  return {
    shots,
    seed,
    knownFilter,
    leadIns,
    bootstrapSamples,
    analyses,
    sweepPrompts,
    sweepMode,
    precision,
  };
};
