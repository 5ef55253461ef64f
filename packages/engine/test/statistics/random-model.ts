import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Aggregation, Analysis, AnalysisContext, FactPrompts } from "../../src/analyses/analysis.ts";
import { openCheckpoint } from "../../src/checkpoints/open-checkpoint.ts";
import { readTensor } from "../../src/checkpoints/read-tensor.ts";
import { writeSafetensors } from "../../src/checkpoints/safetensors-writer.ts";
import { FactBootstrap } from "../../src/math/fact-bootstrap.ts";
import { normalFrom, seededRandom, shuffled } from "../../src/math/random.ts";
import { execute } from "../../src/planner/execute.ts";
import { DEFAULT_SETTINGS } from "../../src/results/receipt.ts";
import { openInstruments } from "../../src/session/model-instruments.ts";
import { ModelSession } from "../../src/session/model-session.ts";
import { prepareTask } from "../../src/tasks/prepare.ts";
import type { Task } from "../../src/tasks/task.ts";
import { openTokenizer } from "../../src/tokenizers/open-tokenizer.ts";

const SHAPE = path.join(import.meta.dirname, "../fixtures/oracles/gpt2");

/** A GPT-2 of random weights and random facts about nothing: whatever a statistic finds in it is a false discovery. */
export interface RandomModel {
  context: AnalysisContext;
  facts: FactPrompts[];
  analyse<Measurement, Report>(analysis: Analysis<Measurement, Report>): Promise<Report>;
  close(): Promise<void>;
}

/** Every fact counts as known: a filter on a model that knows nothing would leave too few facts for any finding. */
export async function randomModel(seed: number, facts: number): Promise<RandomModel> {
  const random = seededRandom(`random model ${seed}`);
  const normal = normalFrom(random);
  const folder = await mkdtemp(path.join(tmpdir(), "recallscope-random-"));
  const shape = await openCheckpoint(SHAPE, "shape");
  const tensors = await Promise.all(
    [...shape.tensors.values()].map(async (tensor) => ({ tensor, data: await readTensor(tensor) })),
  );
  await writeSafetensors(
    path.join(folder, "model.safetensors"),
    tensors.map(({ tensor: { name, shape: dims }, data }) => ({
      name,
      shape: dims,
      data: name.includes("ln_")
        ? data
        : Float32Array.from(data, () => (dims.length === 2 ? 0.3 : 0.1) * normal()),
    })),
  );
  for (const file of ["config.json", "tokenizer.json"])
    await copyFile(path.join(SHAPE, file), path.join(folder, file));
  const session = ModelSession.open(await openCheckpoint(folder, "random"), { threads: 1 });
  const tokenizer = await openTokenizer(folder);
  const settings = { ...DEFAULT_SETTINGS, seed, leadIns: 1, bootstrapSamples: 500 };
  const prepared = prepareTask(randomTask(facts, random), tokenizer, settings, session.spec.facts.positions);
  const context: AnalysisContext = {
    model: session.spec.facts,
    settings,
    facts: prepared.facts.map((fact, f) => ({
      ...fact,
      subjectToken: prepared.prompts.find((prompt) => prompt.fact === f)!.tokens[1]!,
    })),
    candidates: prepared.candidates.map(({ token }) => token),
    instruments: await openInstruments(session),
  };
  const asked = prepared.facts.map(
    (_, index): FactPrompts => ({ index, prompts: prepared.prompts.filter(({ fact }) => fact === index) }),
  );
  const aggregation: Aggregation = {
    ...context,
    measured: asked,
    bootstrap: new FactBootstrap(asked.length, settings.bootstrapSamples, seed),
  };
  return {
    context,
    facts: asked,
    async analyse(analysis) {
      const measurements = [];
      for (const fact of asked) {
        const results = [];
        for (const prompt of fact.prompts)
          results.push(await execute(session, analysis.passes(prompt, context)));
        measurements.push(await analysis.measure(fact, results, context));
      }
      return analysis.aggregate(measurements, aggregation);
    },
    async close() {
      await session.close();
      await rm(folder, { recursive: true });
    },
  };
}

function randomTask(facts: number, random: () => number): Task {
  const words = shuffled(
    Array.from({ length: 80 }, (_, i) => `w${i + 3}`),
    random,
  );
  return {
    id: "nothing",
    title: "Nothing",
    relation: "nothing",
    version: 1,
    domain: "test",
    licence: "CC0-1.0",
    source: "random",
    clauses: [{ id: "only", text: "<s> {subject} w91", relation: "w91" }],
    shot: "{subject} {answer}",
    facts: Array.from({ length: facts }, (_, i) => ({ subject: words[i]!, answer: words[facts + i]! })),
  };
}
