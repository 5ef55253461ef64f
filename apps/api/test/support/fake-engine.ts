import { serialize } from "node:v8";
import { type EngineClient, EngineError, type RunReport, wantedAnalyses } from "@recallscope/engine";
import { fakeModel, fakeReport } from "./fake-report.ts";

export interface FakeEngine extends EngineClient {
  /** Runs that were begun. */
  begun: number;
  /** Shards that saw their signal. */
  aborted: number;
  /** Steps of a run, and how long each takes. */
  steps: number;
  stepMs: number;
  /** Fails runs and inspections with this. */
  failure: Error | null;
  change: (report: RunReport) => RunReport;
  /** What its numbers come from. */
  source: string;
}

/** How every run is cut. */
const FACTS = [
  { from: 0, to: 2 },
  { from: 2, to: 3 },
];

/** Stands in for the engine: takes its time, reports progress, obeys its signal, and answers with a report made up beforehand. */
export function fakeEngine({ steps = 4, stepMs = 5 } = {}): FakeEngine {
  const engine: FakeEngine = {
    begun: 0,
    aborted: 0,
    steps,
    stepMs,
    failure: null,
    change: (report) => report,
    source: "the fake engine",
    inspect: async (model) => {
      if (engine.failure) throw engine.failure;
      return fakeModel(model);
    },
    run: () => Promise.reject(new Error("not used by the platform: it works in shards")),
    plan: async ({ settings }) => {
      engine.begun++;
      return { facts: FACTS, further: wantedAnalyses(settings), source: engine.source };
    },
    shard: async ({ model, task, settings, related, shard }, { signal, onProgress } = {}) => {
      const steps = shard.kind === "facts" ? Math.ceil(engine.steps / FACTS.length) : 0;
      for (let done = 0; done < steps; done++) {
        onProgress?.({ step: "facts", done, total: steps, fraction: done / steps, message: `head ${done}` });
        await new Promise((resolve) => setTimeout(resolve, engine.stepMs));
        if (signal?.aborted) {
          engine.aborted++;
          throw new EngineError("CANCELLED", "run: cancelled");
        }
      }
      if (engine.failure) throw engine.failure;
      const { further, ...report } = engine.change(fakeReport(model, task, settings, related));
      const value =
        shard.kind === "facts"
          ? [shard]
          : shard.kind === "summary"
            ? report
            : {
                id: shard.id,
                report: further?.[shard.id] ?? null,
                arrays: [],
                warnings: [],
              };
      return { source: engine.source, seconds: 0.5, bytes: serialize(value), found: null };
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
    estimateRun: () => Promise.reject(new Error("not used by the platform")),
    estimateSweep: () => Promise.reject(new Error("not used by the platform")),
    intervene: () => Promise.reject(new Error("not used by the platform")),
    live: () => Promise.reject(new Error("not used here")),
    close: async () => {},
  };
  return engine;
}
