import {
  DEFAULT_SETTINGS,
  FURTHER_ANALYSES,
  KNOWN_FILTERS,
  PRECISIONS,
  type RunSettings,
  SETTING_RANGES,
  SWEEP_MODES,
} from "@recallscope/engine";
import { type Command, InvalidArgumentError } from "commander";
import { oneOf, wholeNumber } from "./options.ts";

/** Flags that say how a run asks and counts. */
export interface SettingsFlags {
  seed: number;
  leadIns: number;
  knownFilter: RunSettings["knownFilter"];
  bootstrap: number;
  analyses: readonly string[];
  sweepPrompts: number;
  sweepMode: RunSettings["sweepMode"];
  precision: RunSettings["precision"];
}

export const withSettings = (command: Command): Command =>
  command
    .option(
      "--seed <n>",
      "seed of draws and bootstraps",
      wholeNumber(...SETTING_RANGES.seed),
      DEFAULT_SETTINGS.seed,
    )
    .option(
      "--lead-ins <n>",
      "lead-ins per clause",
      wholeNumber(...SETTING_RANGES.leadIns),
      DEFAULT_SETTINGS.leadIns,
    )
    .option(
      "--known-filter <name>",
      `when a prompt counts as known: ${KNOWN_FILTERS.join(", ")}`,
      oneOf(KNOWN_FILTERS),
      DEFAULT_SETTINGS.knownFilter,
    )
    .option(
      "--bootstrap <n>",
      "bootstrap samples",
      wholeNumber(...SETTING_RANGES.bootstrapSamples),
      DEFAULT_SETTINGS.bootstrapSamples,
    )
    .option(
      "--analyses <ids>",
      `further analyses: standard, all, none, or a list of ${Object.keys(FURTHER_ANALYSES).join(", ")}`,
      analysisList,
      DEFAULT_SETTINGS.analyses,
    )
    .option(
      "--sweep-prompts <n>",
      "prompts of each fact that further analyses with passes per head use",
      wholeNumber(...SETTING_RANGES.sweepPrompts),
      DEFAULT_SETTINGS.sweepPrompts,
    )
    .option(
      "--sweep-mode <mode>",
      "head-position-sweep: exact patches every place, screened those that gradients cannot rule out and a sample of the others",
      oneOf(SWEEP_MODES),
      DEFAULT_SETTINGS.sweepMode,
    )
    .option(
      "--precision <name>",
      `what products with the model's matrices are computed in: ${PRECISIONS.join(", ")}; F16 needs a GPU`,
      oneOf(PRECISIONS),
      DEFAULT_SETTINGS.precision,
    );

export const settingsOf = (
  { seed, leadIns, knownFilter, bootstrap, analyses, sweepPrompts, sweepMode, precision }: SettingsFlags,
  shots: number,
): RunSettings => ({
  shots,
  seed,
  leadIns,
  knownFilter,
  bootstrapSamples: bootstrap,
  analyses,
  sweepPrompts,
  sweepMode,
  precision,
});

function analysisList(text: string): readonly string[] {
  if (text === "standard") return DEFAULT_SETTINGS.analyses;
  const all = Object.keys(FURTHER_ANALYSES);
  if (text === "all") return all.sort();
  if (text === "none") return [];
  const ids = text.split(/[\s,]+/).filter(Boolean);
  const unknown = ids.filter((id) => !all.includes(id));
  if (unknown.length || ids.length === 0)
    throw new InvalidArgumentError(`Allowed: standard, all, none, or some of ${all.join(", ")}.`);
  return [...new Set(ids)].sort();
}
