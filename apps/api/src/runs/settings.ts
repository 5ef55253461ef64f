import {
  DEFAULT_SETTINGS,
  DEVICES,
  FURTHER_ANALYSES,
  KNOWN_FILTERS,
  PRECISIONS,
  type RunSettings,
  SETTING_RANGES,
  SWEEP_MODES,
} from "@recallscope/engine";
import { z } from "zod";

const whole = (name: keyof typeof SETTING_RANGES) => {
  const [low, high] = SETTING_RANGES[name];
  const error = `setting ${name}: allowed are whole numbers from ${low} to ${high}`;
  return z.int({ error }).min(low, { error }).max(high, { error }).nullish();
};

/** Settings as a caller gives them: any may be left out. */
export const settingsInput = z.object({
  shots: whole("shots"),
  seed: whole("seed"),
  leadIns: whole("leadIns"),
  bootstrapSamples: whole("bootstrapSamples"),
  knownFilter: z.enum(KNOWN_FILTERS).nullish(),
  sweepPrompts: whole("sweepPrompts"),
  sweepMode: z.enum(SWEEP_MODES).nullish(),
  precision: z.enum(PRECISIONS).nullish(),
  analyses: z
    .array(z.enum(Object.keys(FURTHER_ANALYSES)))
    .transform((ids) => [...new Set(ids)].sort())
    .nullish(),
});

/** What a run is to be computed on. */
export const deviceInput = z.enum(DEVICES, { error: `device: allowed are ${DEVICES.join(", ")}` }).nullish();

export const withDefaults = (given: z.infer<typeof settingsInput> | null | undefined): RunSettings => ({
  ...DEFAULT_SETTINGS,
  ...(Object.fromEntries(
    Object.entries(given ?? {}).filter(([, value]) => value != null),
  ) as Partial<RunSettings>),
});

/** The settings of a stored run. */
export const settingsOf = ({
  shots,
  seed,
  knownFilter,
  leadIns,
  bootstrapSamples,
  analyses,
  sweepPrompts,
  sweepMode,
  precision,
}: RunSettings): RunSettings => ({
  shots,
  seed,
  knownFilter,
  leadIns,
  bootstrapSamples,
  analyses,
  sweepPrompts,
  sweepMode,
  precision,
});
