import { type EngineClient, EngineError, type RunReport } from "@recallscope/engine";
import { fakeModel, fakeReport } from "./fake-report.ts";

export interface FakeEngine extends EngineClient {
  /** Runs that were begun. */
  begun: number;
  /** Runs that saw their signal. */
  aborted: number;
  /** Steps of a run, and how long each takes. */
  steps: number;
  stepMs: number;
  /** Fails runs and inspections with this. */
  failure: Error | null;
  change: (report: RunReport) => RunReport;
}

/** Stands in for the engine: takes its time, reports progress, obeys its signal, and answers with a report made up beforehand. */
export function fakeEngine({ steps = 4, stepMs = 5 } = {}): FakeEngine {
  const engine: FakeEngine = {
    begun: 0,
    aborted: 0,
    steps,
    stepMs,
    failure: null,
    change: (report) => report,
    inspect: async (model) => {
      if (engine.failure) throw engine.failure;
      return fakeModel(model);
    },
    run: async ({ model, task, settings, related }, { signal, onProgress } = {}) => {
      engine.begun++;
      for (let done = 0; done < engine.steps; done++) {
        onProgress?.({
          step: "patching",
          done,
          total: engine.steps,
          fraction: done / engine.steps,
          message: `head ${done}`,
        });
        await new Promise((resolve) => setTimeout(resolve, engine.stepMs));
        if (signal?.aborted) {
          engine.aborted++;
          throw new EngineError("CANCELLED", "run: cancelled");
        }
      }
      if (engine.failure) throw engine.failure;
      return engine.change(fakeReport(model, task, settings, related));
    },
    preview: async ({ task, first }) => ({
      promptCount: task.facts.length,
      factsAdmitted: task.facts.length,
      dropped: [],
      prompts: task.facts.slice(0, first).map(({ subject, answer }) => ({
        text: `The capital of ${subject} is`,
        tokens: ["The", " capital"],
        subjectStart: 0,
        subjectEnd: 1,
        subject,
        answer,
        answerToken: answer,
      })),
      warnings: [],
      passes: 12,
    }),
    known: () => Promise.reject(new Error("not used by the platform")),
    study: () => Promise.reject(new Error("not used by the platform")),
    activations: () => Promise.reject(new Error("not used by the platform")),
    sweep: () => Promise.reject(new Error("not used by the platform")),
    estimateSweep: () => Promise.reject(new Error("not used by the platform")),
    intervene: () => Promise.reject(new Error("not used by the platform")),
    close: async () => {},
  };
  return engine;
}
