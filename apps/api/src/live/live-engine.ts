import type { EngineClient, LiveAsks, LiveKind, LiveRequest } from "@recallscope/engine";
import type { Actor } from "../access/actor.ts";
import type { LiveLimits } from "../access/rate-limit.ts";
import { ApiError } from "../errors.ts";
import { LiveQueue } from "./live-queue.ts";

/** Who waits for a live answer. */
export interface LiveCaller {
  actor: Actor;
  /** One page, or one script: of its questions of one kind only the newest is answered. Null: all of them are. */
  client: string | null;
  /** Aborted when it goes away. */
  signal: AbortSignal;
}

/** Answers while someone waits. Nothing is kept but the model, for a while. */
export interface LiveEngine {
  /** @throws Refusal RATE_LIMITED; ApiError LIVE_OFF, SUPERSEDED, CANCELLED; EngineError MODEL_CHANGED, MODEL_NOT_FOUND, ... */
  ask<Kind extends LiveKind>(
    request: LiveRequest<Kind>,
    caller: LiveCaller,
  ): Promise<LiveAsks[Kind]["result"]>;
  close(): Promise<void>;
}

/** What a question counts against the limit of its asker: roughly how long the demo models take for it, in interventions. */
export const LIVE_COSTS: Record<LiveKind, number> = {
  intervention: 1,
  attention: 1,
  flow: 5,
  patching: 10,
  intercept: 10,
};
const QUICK: readonly LiveKind[] = ["intervention", "attention"];

/** How long a model is kept open after the last question. */
export const LIVE_IDLE_MS = 180_000;

/** @param engine null: live answers are switched off */
export function createLiveEngine(
  engine: EngineClient | null,
  limits: LiveLimits,
  idleMs = LIVE_IDLE_MS,
): LiveEngine {
  const queue = new LiveQueue();
  let idle: NodeJS.Timeout | undefined;
  return {
    ask: async (request, { actor, client, signal }) => {
      if (engine === null)
        throw new ApiError(
          "LIVE_OFF",
          "live: switched off on this server (RECALLSCOPE_LIVE=off); use `npx recallscope intervene` where the model is",
        );
      await limits.live(actor.id ?? actor.name, LIVE_COSTS[request.kind]);
      clearTimeout(idle);
      const by = actor.id ?? actor.name;
      try {
        return await queue.add({
          actor: by,
          key: client === null ? null : `${by} ${client} ${request.kind}`,
          quick: QUICK.includes(request.kind),
          signal,
          work: (own) => engine.live(request, { signal: own }),
        });
      } finally {
        clearTimeout(idle);
        // The thread ends and with it its memory; the next question starts another.
        if (queue.idle) idle = setTimeout(() => queue.idle && void engine.close(), idleMs).unref();
      }
    },
    close: async () => {
      clearTimeout(idle);
      await engine?.close();
    },
  };
}
