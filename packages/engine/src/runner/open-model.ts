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
import {
  DEFAULT_DEVICE,
  DEFAULT_PRECISION,
  type Device,
  type DeviceChoice,
  type Precision,
} from "../session/device.ts";
import { weightNeed } from "../session/model-memory.ts";
import { ModelSession } from "../session/model-session.ts";
import { openTokenizer } from "../tokenizers/open-tokenizer.ts";
import type { Tokenizer } from "../tokenizers/tokenizer.ts";
import { checkDevice, openOnDevice } from "./open-on-device.ts";
import { shareMemory } from "./share-memory.ts";

/** A model ready to run: checked weights, its graphs, its tokenizer. */
export interface OpenModel {
  session: ModelSession;
  tokenizer: Tokenizer;
  instruments: Instruments;
  summary: ModelSummary;
}

export interface OpenOptions {
  /** Bytes of weights and activations held at once; by default four fifths of what is free. */
  maxMemory?: number;
  /** What computes; by default the CPU. */
  device?: DeviceChoice;
  /** What products with the model's matrices are computed in; by default float32. */
  precision?: Precision;
  /** Is told what is being done where a device is compared with the CPU. */
  onStep?: (message: string) => void;
}

/** Opens a model by folder, GGUF file, bundled name or hub id, refuses broken weights and runs the self-check. */
export async function openModel(
  name: string,
  places: ModelPlaces,
  threads: number,
  { maxMemory, device = DEFAULT_DEVICE, precision = DEFAULT_PRECISION, onStep }: OpenOptions = {},
): Promise<OpenModel> {
  await checkDevice(device, precision);
  const source = await resolveModel(name, places);
  // What cannot be run is refused before gigabytes are hashed or unpacked.
  readModelSpec(await locateCheckpoint(source, name));
  const checkpoint = await openCheckpoint(source, name, places);
  const spec = readModelSpec(checkpoint);
  const { facts } = spec;
  // What a device is compared with, the CPU computes in float32.
  const precisionOn = (own: Device) => (own === "cpu" ? DEFAULT_PRECISION : precision);
  const memoryOn = (own: Device) =>
    shareMemory(weightNeed(checkpoint, spec, own, precisionOn(own)), maxMemory, name);
  const memoryOfCpu = memoryOn("cpu");
  const tokenizer = await openTokenizer(checkpoint.source);
  if (tokenizer.vocabularySize > facts.vocabulary) {
    throw new EngineError(
      "BAD_TOKENIZER",
      `tokenizer of ${name}: ${tokenizer.vocabularySize} tokens (the model has ${facts.vocabulary}; are they from the same model?)`,
    );
  }
  await checkFinite(checkpoint);
  await checkTied(checkpoint, spec);
  const { session, instruments, check } = await openOnDevice(
    (own) =>
      ModelSession.open(checkpoint, {
        threads,
        device: own,
        precision: precisionOn(own),
        memory: own === "cpu" ? memoryOfCpu : memoryOn(own),
      }),
    device,
    { name, precision, ...(onStep && { onStep }) },
  );
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
  return { session, tokenizer, instruments, summary };
}
