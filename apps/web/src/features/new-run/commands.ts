import type { Settings } from "@/graphql/fragments.ts";

interface RunRequest {
  model: string;
  task: string;
  settings: Settings;
  /** Empty for any. */
  device?: string;
  force?: boolean;
}

/** Settings as GraphQL writes them: enums bare, everything else JSON. */
function settingsText(settings: Settings, indent: string): string {
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
  return `{
${indent}  shots: ${shots}, leadIns: ${leadIns}, knownFilter: ${knownFilter}
${indent}  seed: ${seed}, bootstrapSamples: ${bootstrapSamples}, precision: ${precision}
${indent}  analyses: ${JSON.stringify(analyses)}, sweepPrompts: ${sweepPrompts}, sweepMode: ${sweepMode}
${indent}}`;
}

/** The mutation that starts this run, ready to paste. */
export function createRunMutation({ model, task, settings, device, force }: RunRequest): string {
  return `mutation {
  createRun(input: {
    model: ${JSON.stringify(model)}
    task: ${JSON.stringify(task)}
    settings: ${settingsText(settings, "    ")}${device ? `\n    device: ${JSON.stringify(device)}` : ""}${force ? "\n    force: true" : ""}
  }) {
    created
    run { id key status }
  }
}`;
}

export interface StudyRequest {
  name: string;
  models: readonly string[];
  tasks: readonly string[];
  settings: readonly Settings[];
}

/** The mutation that makes this study, ready to paste. */
export function createStudyMutation({ name, models, tasks, settings }: StudyRequest): string {
  return `mutation {
  createStudy(input: {
    name: ${JSON.stringify(name)}
    models: ${JSON.stringify(models)}
    tasks: ${JSON.stringify(tasks)}
    settings: [${settings.map((each) => settingsText(each, "    ")).join(", ")}]
  }) {
    created queued found
    study { id progress { total } }
  }
}`;
}

/** The commands that measure this study in a terminal: one for each model. */
export function studyCommands({ name, models, tasks, settings }: StudyRequest): string {
  const [first] = settings;
  if (!first) return "";
  const { seed, knownFilter, leadIns, bootstrapSamples, analyses, sweepPrompts, sweepMode, precision } =
    first;
  return models
    .map((model) =>
      [
        ...["npx", "recallscope", "study", "--model", model, "--tasks", tasks.join(",")],
        ...["--shots", settings.map(({ shots }) => shots).join(","), "--seed", seed],
        ...["--known-filter", knownFilter, "--lead-ins", leadIns, "--bootstrap", bootstrapSamples],
        ...["--analyses", analyses.join(",") || "none", "--sweep-prompts", sweepPrompts],
        ...["--sweep-mode", sweepMode.toLowerCase(), "--precision", precision.toLowerCase(), "--name", name],
      ]
        .map((word) => quoted(String(word)))
        .join(" "),
    )
    .join("\n");
}

const quoted = (word: string): string =>
  /^[\w./:@=+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
