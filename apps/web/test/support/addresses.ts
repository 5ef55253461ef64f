import { TABS } from "../../src/features/run/view-state.ts";
import type { FinishedRun } from "./finished-runs.ts";

/** Addresses at which each page is looked at: a new page of src/app needs its own. RUN and OTHER stand for ids of runs. */
export const ADDRESSES: Record<string, readonly string[]> = {
  "/": ["/"],
  "/compare": ["/compare", "/compare?runs=RUN,OTHER"],
  "/comparisons": ["/comparisons"],
  "/import-task": ["/import-task"],
  "/models": ["/models"],
  "/models/[name]": ["/models/recall-gpt2"],
  "/runs": ["/runs", "/runs?q=nothing-has-this-name"],
  "/runs/[id]": TABS.map((tab) => `/runs/RUN?tab=${tab}`),
  "/runs/new": ["/runs/new?model=recall-gpt2&task=country-capital"],
  "/studies": ["/studies"],
  // One that is not there; the test of the library looks at a study that it makes.
  "/studies/[id]": ["/studies/no-such-study"],
  "/system": ["/system"],
  "/tasks": ["/tasks"],
  "/tasks/[slug]": ["/tasks/country-capital"],
};

/** Id of the finished run of a bundled model on the capitals. @throws Error when there is none */
export function runOf(runs: readonly FinishedRun[], model = "recall-gpt2"): string {
  const run = runs.find((each) => each.model === model && each.task === "country-capital");
  if (!run) throw new Error(`no finished run of ${model}`);
  return run.id;
}

export const addressIn = (runs: readonly FinishedRun[], address: string): string =>
  address.replace("RUN", runOf(runs)).replace("OTHER", runOf(runs, "recall-opt"));
