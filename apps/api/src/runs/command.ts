import { DEFAULT_SETTINGS, type RunSettings } from "@recallscope/engine";

/** The command that makes the same run in a terminal. */
export function runCommand(
  model: string,
  task: string,
  settings: RunSettings,
  device?: string | null,
): string {
  const words = ["npx", "recallscope", "run", "--model", model, "--task", task, "--shots", settings.shots];
  const rest = [
    ["--seed", "seed"],
    ["--known-filter", "knownFilter"],
    ["--lead-ins", "leadIns"],
    ["--bootstrap", "bootstrapSamples"],
  ] as const;
  for (const [flag, name] of rest)
    if (settings[name] !== DEFAULT_SETTINGS[name]) words.push(flag, settings[name]);
  if (settings.sweepPrompts !== DEFAULT_SETTINGS.sweepPrompts)
    words.push("--sweep-prompts", settings.sweepPrompts);
  if (settings.sweepMode === "SCREENED") words.push("--sweep-mode", "screened");
  if (settings.precision === "F16") words.push("--precision", "f16");
  if (settings.analyses.join() !== DEFAULT_SETTINGS.analyses.join())
    words.push("--analyses", settings.analyses.join(",") || "none");
  if (device) words.push("--device", device);
  return words.map((word) => quoted(String(word))).join(" ");
}

const quoted = (word: string): string =>
  /^[\w./:@=+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
