import { EventEmitter } from "node:events";

/** Something about a run changed; readers fetch what they need from the store. */
export interface RunEvent {
  runId: string;
  /** `help`: shards of it wait that no worker has. */
  kind: "status" | "progress" | "deleted" | "help";
}

/** Tells every interested part that a run changed: within this process, or across all processes on one PostgreSQL. */
export interface RunBus {
  publish(event: RunEvent): void;
  /** @returns a function that ends the listening */
  listen(listener: (event: RunEvent) => void): () => void;
  close(): Promise<void>;
}

/** The bus of one process. */
export function createLocalBus(): RunBus {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    publish: (event) => void emitter.emit("run", event),
    listen: (listener) => {
      emitter.on("run", listener);
      return () => void emitter.off("run", listener);
    },
    close: async () => void emitter.removeAllListeners(),
  };
}
