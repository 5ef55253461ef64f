import { EventEmitter } from "node:events";

/** Something about a run changed; readers fetch what they need from the store. */
export interface RunEvent {
  runId: string;
  /** `labels`: its tags or its note; `help`: shards of it wait that no worker has. */
  kind: "status" | "progress" | "labels" | "deleted" | "help";
}

/** The same of what people keep runs in. */
export interface LibraryEvent {
  what: "study" | "comparison";
  id: string;
  kind: "changed" | "deleted";
}
export type StoreEvent = RunEvent | LibraryEvent;

export const isOfRun = (event: StoreEvent): event is RunEvent => "runId" in event;

/** Tells every interested part that something changed: within this process, or across all processes on one PostgreSQL. */
export interface StoreBus {
  publish(event: StoreEvent): void;
  /** @returns a function that ends the listening */
  listen(listener: (event: StoreEvent) => void): () => void;
  close(): Promise<void>;
}

/** The bus of one process. */
export function createLocalBus(): StoreBus {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    publish: (event) => void emitter.emit("event", event),
    listen: (listener) => {
      emitter.on("event", listener);
      return () => void emitter.off("event", listener);
    },
    close: async () => void emitter.removeAllListeners(),
  };
}
