import { EngineError } from "../../errors.ts";
import { hookName } from "../../hooks/hook-points.ts";
import { execute } from "../../planner/execute.ts";
import type { LivePatching, PatchedRow } from "../../results/live.ts";
import { type Change, changeEach, replacementOf } from "../../sweeps/changes.ts";
import type { HeadRef } from "../../sweeps/head-pairs.ts";
import { runStages } from "../../sweeps/stages.ts";
import type { PairReading } from "../../sweeps/sweep.ts";
import type { OpenModel } from "../open-model.ts";
import { checkHead } from "./check-head.ts";
import { type PairOfRun, pairOfRun, shownPair } from "./pair.ts";

/** Every head at the last position; heads at every position; the stream and what is written to it, at every layer and position. */
export const LIVE_PLACES = ["HEADS", "HEADS_POSITIONS", "LAYERS_POSITIONS"] as const;
export type LivePlaces = (typeof LIVE_PLACES)[number];

export interface PatchingAsk {
  pair: PairOfRun;
  over: LivePlaces;
  /** Only these; all of the model when left out. */
  heads?: readonly HeadRef[];
}

/** Places that one answer may patch, in both directions each. */
export const MAX_LIVE_PLACES = 6_000;

const POINTS = ["hook_resid_pre", "hook_attn_out", "hook_mlp_out"] as const;

/**
 * Activation patching on one pair, in both directions.
 * @throws EngineError BAD_PAIR, BAD_TASK (see `pairOfRun`); BAD_INPUT for heads that there are not, and for more than MAX_LIVE_PLACES places
 */
export async function livePatching(
  model: OpenModel,
  { pair: asked, over, heads }: PatchingAsk,
  signal?: AbortSignal,
): Promise<LivePatching> {
  const { session, tokenizer } = model;
  const { facts } = session.spec;
  const pair = pairOfRun(asked, model);
  for (const head of heads ?? []) checkHead(head, facts);
  const rows = over === "LAYERS_POSITIONS" ? layerRows(facts) : headRows(heads ?? allHeads(facts));
  const last = pair.clean.length - 1;
  const positions = over === "HEADS" ? [last] : pair.clean.map((_, position) => position);
  if (rows.length * positions.length > MAX_LIVE_PLACES)
    throw new EngineError(
      "BAD_INPUT",
      `patching: ${rows.length * positions.length} places (allowed while someone waits: up to ${MAX_LIVE_PLACES}; name fewer heads, or run the analysis head-position-sweep)`,
    );
  const [noise, denoise] = await runStages(
    (["noise", "denoise"] as const).map((kind) => changeEach(pair, changes(kind, rows, positions))),
    (passes) => execute(session, passes, { ...(signal && { signal }) }),
  );
  const diff = ({ queried }: PairReading["clean"]) => queried![0]! - queried![1]!;
  const diffs = ({ places }: PairReading) => Float32Array.from(places, diff);
  return {
    pair: shownPair(pair, tokenizer),
    rows,
    positions,
    clean: diff(noise!.clean),
    corrupted: diff(noise!.corrupted!),
    noising: diffs(noise!),
    denoising: diffs(denoise!),
  };
}

function* changes(
  kind: "noise" | "denoise",
  rows: readonly PatchedRow[],
  positions: readonly number[],
): Generator<Change> {
  const { run, edit } = replacementOf(kind);
  for (const { point, layer, head } of rows)
    for (const position of positions)
      yield {
        run,
        edits: [{ hook: hookName(point, layer), ...(head !== null && { head }), position, ...edit }],
      };
}

const allHeads = ({ layers, heads }: { layers: number; heads: number }): HeadRef[] =>
  Array.from({ length: layers * heads }, (_, i) => ({ layer: Math.floor(i / heads), head: i % heads }));

const headRows = (heads: readonly HeadRef[]): PatchedRow[] =>
  heads.map(({ layer, head }) => ({ label: `L${layer}H${head}`, point: "attn.hook_z", layer, head }));

const layerRows = ({ layers }: { layers: number }): PatchedRow[] =>
  POINTS.flatMap((point) =>
    Array.from({ length: layers }, (_, layer) => ({
      label: `${point.replace("hook_", "")} ${layer}`,
      point,
      layer,
      head: null,
    })),
  );
