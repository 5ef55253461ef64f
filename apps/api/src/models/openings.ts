import { EventEmitter } from "node:events";
import { eventStream } from "../jobs/event-stream.ts";

/** How far the opening of a model is. */
export interface ModelOpening {
  /** The name as it was given, and as it was understood. */
  given: string;
  name: string;
  message: string;
  /** Of the file in hand, in bytes; 0 of 1 where nothing can be counted. */
  done: number;
  total: number;
}

/** Tells how far models are opened, within one process: the one that was asked to. */
export interface Openings {
  publish(opening: ModelOpening): void;
  /** What comes from now on of a model that was given under this name. */
  watch(given: string): AsyncIterableIterator<ModelOpening>;
}

export function createOpenings(): Openings {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    publish: (opening) => void emitter.emit("opening", opening),
    watch: (given) =>
      eventStream(({ push }) => {
        const listener = (opening: ModelOpening) => opening.given === given && push(opening);
        emitter.on("opening", listener);
        return () => void emitter.off("opening", listener);
      }),
  };
}
