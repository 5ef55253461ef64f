import { GraphBuilder } from "../graph/graph-builder.ts";
import { copiesWeights, DEFAULT_DEVICE, DEFAULT_PRECISION, graphTraits } from "./device.ts";
import { keepContext } from "./device-context.ts";
import { type Array2, OnnxSession, type SessionOptions } from "./onnx-session.ts";

export interface GraphRequest {
  /** Its own among all graphs of the model. */
  key: string;
  /** The block whose weights it reads; null for those at the ends of the model, and for graphs without weights. */
  layer: number | null;
  build: (graph: GraphBuilder) => void;
  options: SessionOptions;
}

/** What compiled graphs hold for themselves, in bytes: beside the files of the weights, which are mapped. Of a device with a memory of its own, all of them. */
export interface WeightMemory {
  held: number;
  /** The most that was held at once, with what stands in memory twice while a graph is compiled. */
  peak: number;
  /** Graphs that were compiled, and their bytes: more than there are where some had to be given up for others. */
  compiled: number;
  read: number;
  /** Spent on compiling those that hold weights for themselves. */
  seconds: number;
}

interface Held {
  session: OnnxSession;
  layer: number | null;
  bytes: number;
  lastUse: number;
}

/**
 * Graphs, compiled when first used and kept as long as their weights fit. Plans go through the layers in turns, so that a block that was left a moment ago
 * is the one whose weights are wanted last: it is given up for the next, and the first blocks stay. One call runs at a time, so that none is given up
 * while it computes.
 */
export class CompiledGraphs {
  private readonly graphs = new Map<string, Held>();
  private readonly count: WeightMemory = { held: 0, peak: 0, compiled: 0, read: 0, seconds: 0 };
  private uses = 0;
  private last: Promise<unknown> = Promise.resolve();

  /**
   * @param folder around all weight files
   * @param limit bytes of weights held for themselves; a graph that needs more alone is compiled all the same
   */
  constructor(
    private readonly folder: string,
    private readonly limit = Number.POSITIVE_INFINITY,
  ) {}

  run(request: GraphRequest, inputs: Record<string, Array2>, outputs: Record<string, Array2>): Promise<void> {
    return this.inTurn(async () => {
      const graph = this.graphs.get(request.key) ?? (await this.compile(request));
      graph.lastUse = this.uses++;
      await graph.session.run(inputs, outputs);
    });
  }

  get memory(): Readonly<WeightMemory> {
    return this.count;
  }

  close(): Promise<void> {
    return this.inTurn(async () => {
      for (const [key, { session }] of this.graphs) {
        this.graphs.delete(key);
        await session.release();
      }
      this.count.held = 0;
    });
  }

  private async compile({ key, layer, build, options }: GraphRequest): Promise<Held> {
    const { device = DEFAULT_DEVICE, precision = DEFAULT_PRECISION, packWeights = false } = options;
    const graph = new GraphBuilder(this.folder, graphTraits(device, precision));
    build(graph);
    const storage = { packed: packWeights, copied: copiesWeights(device) };
    const { bytes, largest } = graph.privateWeights(storage);
    await keepContext(device);
    await this.makeRoom(bytes + largest, layer);
    const started = performance.now();
    const session = await OnnxSession.create(graph.bytes(), this.folder, options);
    if (bytes > 0) this.count.seconds += (performance.now() - started) / 1000;
    const held: Held = { session, layer, bytes, lastUse: this.uses };
    this.graphs.set(key, held);
    this.count.peak = Math.max(this.count.peak, this.count.held + bytes + largest);
    this.count.held += bytes;
    this.count.compiled++;
    this.count.read += bytes;
    return held;
  }

  /** Gives graphs of other blocks up, the one used last before all others, then those of the same block, the one used last after all others. */
  private async makeRoom(bytes: number, layer: number | null): Promise<void> {
    if (bytes === 0 || this.count.held + bytes <= this.limit) return;
    const others = [...this.graphs].filter(([, own]) => own.bytes > 0);
    const elsewhere = others
      .filter(([, own]) => own.layer !== layer)
      .sort(([, a], [, b]) => b.lastUse - a.lastUse);
    const here = others
      .filter(([, own]) => own.layer === layer)
      .sort(([, a], [, b]) => a.lastUse - b.lastUse);
    for (const [key, own] of [...elsewhere, ...here]) {
      if (this.count.held + bytes <= this.limit) return;
      this.graphs.delete(key);
      this.count.held -= own.bytes;
      await own.session.release();
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => {});
    return turn;
  }
}
