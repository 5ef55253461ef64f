import type { Settings } from "@/graphql/fragments.ts";

interface RunRequest {
  model: string;
  task: string;
  settings: Settings;
  force?: boolean;
}

/** The mutation that starts this run, ready to paste. Enums stay bare, everything else is JSON. */
export function createRunMutation({ model, task, settings, force }: RunRequest): string {
  const { shots, seed, knownFilter, leadIns, bootstrapSamples, analyses, sweepPrompts, sweepMode } = settings;
  return `mutation {
  createRun(input: {
    model: ${JSON.stringify(model)}
    task: ${JSON.stringify(task)}
    settings: {
      shots: ${shots}, leadIns: ${leadIns}, knownFilter: ${knownFilter}
      seed: ${seed}, bootstrapSamples: ${bootstrapSamples}
      analyses: ${JSON.stringify(analyses)}, sweepPrompts: ${sweepPrompts}, sweepMode: ${sweepMode}
    }${force ? "\n    force: true" : ""}
  }) {
    created
    run { id key status }
  }
}`;
}
