import type { SideProcess } from "./process.ts";
import type { PythonEnvironment } from "./python.ts";
import { processKey, type SideName, startPeer } from "./sides.ts";

/** The peers' processes, started when first asked for and kept: one takes seconds to start. */
export class PeerPool {
  private readonly running = new Map<string, SideProcess>();

  /** @param wanted peers to run; all when left out */
  constructor(
    private readonly python: PythonEnvironment,
    private readonly threads: number,
    private readonly wanted?: readonly string[],
  ) {}

  offers = (side: SideName): boolean => this.wanted?.includes(side) ?? true;

  processOf(side: SideName): SideProcess {
    const key = processKey(side);
    let process = this.running.get(key);
    if (!process) {
      process = startPeer(side, this.python, this.threads);
      this.running.set(key, process);
    }
    return process;
  }

  async close(): Promise<void> {
    await Promise.all([...this.running.values()].map((process) => process.close()));
    this.running.clear();
  }
}
