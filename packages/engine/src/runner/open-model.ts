import path from "node:path";
import type { Instruments } from "../analyses/instruments.ts";
import { readModelSpec } from "../architectures/index.ts";
import { checkFinite } from "../checkpoints/check-finite.ts";
import { checkTied } from "../checkpoints/check-tied.ts";
import { isGguf } from "../checkpoints/gguf/is-gguf.ts";
import { snapshotOf } from "../checkpoints/hub-cache.ts";
import { locateCheckpoint, openCheckpoint } from "../checkpoints/open-checkpoint.ts";
import { type ModelPlaces, resolveModel } from "../checkpoints/resolve-model.ts";
import { EngineError } from "../errors.ts";
import type { ModelSummary } from "../results/receipt.ts";
import { openInstruments } from "../session/model-instruments.ts";
import { weightNeed } from "../session/model-memory.ts";
import { ModelSession } from "../session/model-session.ts";
import { openTokenizer } from "../tokenizers/open-tokenizer.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { selfCheck } from "./self-check.ts";
import { shareMemory } from "./share-memory.ts";

/** A model ready to run: checked weights, its graphs, its tokenizer. */
export interface OpenModel {
  session: ModelSession;
  tokenizer: Tokenizer;
  instruments: Instruments;
  summary: ModelSummary;
}

/**
 * Opens a model by folder, GGUF file, bundled name or hub id, refuses broken weights and runs the self-check.
 * @param maxMemory bytes of weights and activations held at once; by default four fifths of what is free
 */
export async function openModel(
  name: string,
  places: ModelPlaces,
  threads: number,
  maxMemory?: number,
): Promise<OpenModel> {
  const source = await resolveModel(name, places);
  // What cannot be run is refused before gigabytes are hashed or unpacked.
  readModelSpec(await locateCheckpoint(source, name));
  const checkpoint = await openCheckpoint(source, name, places);
  const memory = shareMemory(weightNeed(checkpoint, readModelSpec(checkpoint)), maxMemory, name);
  const session = ModelSession.open(checkpoint, { threads, memory });
  const tokenizer = await openTokenizer(checkpoint.source);
  const { facts } = session.spec;
  if (tokenizer.vocabularySize > facts.vocabulary) {
    throw new EngineError(
      "BAD_TOKENIZER",
      `tokenizer of ${name}: ${tokenizer.vocabularySize} tokens (the model has ${facts.vocabulary}; are they from the same model?)`,
    );
  }
  await checkFinite(checkpoint);
  await checkTied(checkpoint, session.spec);
  const instruments = await openInstruments(session);
  const check = await selfCheck(session, instruments);
  const summary: ModelSummary = {
    name,
    hub: snapshotOf(checkpoint.source),
    architecture: facts.architecture,
    layers: facts.layers,
    heads: facts.heads,
    kvHeads: facts.kvHeads,
    width: facts.width,
    headWidth: facts.headWidth,
    mlpWidth: facts.mlpWidth,
    vocabulary: facts.vocabulary,
    positions: facts.positions,
    dtype: checkpoint.types.join("+"),
    file: isGguf(checkpoint.source) ? path.basename(checkpoint.source) : null,
    parameters: [...checkpoint.tensors.values()].reduce(
      (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
      0,
    ),
    tied: facts.tied,
    form: { block: facts.block, postNorm: facts.postNorm, logitCap: facts.logitCap },
    weightHash: checkpoint.weightHash,
    tokenizerHash: tokenizer.hash,
    bos: tokenizer.bos,
    selfCheck: check,
  };
  if (!check.passed) {
    await session.close();
    throw new EngineError(
      "SELF_CHECK_FAILED",
      `self-check of ${name}: residual sum ${check.residualSum.toExponential(1)}, head sum ${check.headSum.toExponential(1)}, pattern x value ${check.patternValue.toExponential(1)}, lens = logits ${check.lensLogits.toExponential(1)} (each must be below 1e-4: this model is not computed right)`,
    );
  }
  return { session, tokenizer, instruments, summary };
}
