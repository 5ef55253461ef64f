import type { Head, Job } from "./job.ts";
import type { Shape } from "./model/shape.ts";

/** How a side goes about a job, as far as arithmetic is concerned. */
export type Algorithm =
  /** Only the rows that a change can reach; shared prefixes once. */
  | "rows"
  /** Whole sequences from the changed layer on; the last position alone unembedded. */
  | "resume"
  /** The same, and no attention where it is frozen. */
  | "resume-skip-frozen"
  /** Whole forwards; the last position alone unembedded. */
  | "forward"
  /** Whole forwards with all logits. */
  | "forward-all-logits";

/** Floating point operations of matrix products, norms and activations left out. */
class Count {
  /** q, k and v of a row; what attention writes; the MLP. */
  readonly qkv: number;
  readonly out: number;
  readonly mlp: number;

  constructor(private readonly shape: Shape) {
    const square = 2 * shape.width ** 2;
    this.qkv = 3 * square;
    this.out = square;
    this.mlp = 8 * square;
  }

  get layer(): number {
    return this.qkv + this.out + this.mlp;
  }

  /** Scores and mixing of one query over `keys` keys. */
  attend = (keys: number) => 4 * this.shape.width * keys;
  unembed = (rows: number) => 2 * this.shape.width * this.shape.vocabulary * rows;

  /** `layers` blocks over whole prompts of `length` tokens; causal attention is computed in full by dense products. */
  blocks = (prompts: number, length: number, layers: number) =>
    prompts * length * layers * (this.layer + this.attend(length));

  /**
   * A prompt's distinct prefixes once through all layers. In the last layer earlier positions are read by the last one only, through
   * their keys and values.
   */
  bases(prompts: readonly (readonly number[])[]): number {
    const { layers } = this.shape;
    let total = 0;
    for (const position of distinctRows(prompts)) {
      total += (layers - 1) * (this.layer + this.attend(position + 1)) + (2 / 3) * this.qkv;
    }
    const length = prompts[0]!.length;
    return total + prompts.length * (this.layer - (2 / 3) * this.qkv + this.attend(length));
  }
}

/** Position of every row of the trie of prompts. */
export function distinctRows(prompts: readonly (readonly number[])[]): number[] {
  const seen = new Set<string>();
  const rows: number[] = [];
  for (const tokens of prompts) {
    let key = "";
    for (const [position, token] of tokens.entries()) {
      key += `${token},`;
      if (seen.has(key)) continue;
      seen.add(key);
      rows.push(position);
    }
  }
  return rows;
}

/** Operations of a job done whole by an algorithm; null where it makes no sense to count them. */
export function flops(job: Job, shape: Shape, algorithm: Algorithm): number | null {
  const count = new Count(shape);
  switch (job.kind) {
    case "cache":
      return cacheFlops(job.prompts, shape, count, algorithm);
    case "head-sweep":
      return sweepFlops(job, shape, count, algorithm);
    case "path-final":
      return pathFinalFlops(job, shape, count, algorithm);
    case "path-queries":
      return pathQueriesFlops(job, shape, count, algorithm);
    case "attribution": {
      // Two forwards, and a backward without gradients of weights.
      const [pairs, length] = [job.clean.length, job.clean[0]!.length];
      return 3 * count.blocks(pairs, length, shape.layers);
    }
    case "decomposition":
      // A symmetric product: half of it.
      return job.prompts * job.width * job.columns * (job.columns + 1);
    case "prefix-sharing":
      return count.bases(job.prompts);
    case "matmul":
      return 2 * job.size ** 3;
  }
}

function cacheFlops(prompts: readonly number[][], shape: Shape, count: Count, algorithm: Algorithm): number {
  const length = prompts[0]!.length;
  const contributions = prompts.length * shape.layers * count.out;
  const body =
    algorithm === "rows" ? count.bases(prompts) : count.blocks(prompts.length, length, shape.layers);
  const unembedded = algorithm === "forward-all-logits" ? prompts.length * length : prompts.length;
  return body + contributions + count.unembed(unembedded);
}

type Sweep = Extract<Job, { kind: "head-sweep" }>;
type Paths = Extract<Job, { kind: "path-final" | "path-queries" }>;

function sweepFlops(job: Sweep, shape: Shape, count: Count, algorithm: Algorithm): number {
  const { clean, corrupted, heads, positions } = job;
  const [pairs, length] = [clean.length, clean[0]!.length];
  if (algorithm === "rows") {
    const all = heads.flatMap(([layer]) =>
      positions.map((position) => {
        let later = 0;
        for (let p = position; p < length; p++) later += count.layer + count.attend(p + 1);
        return pairs * (count.out + count.mlp + (shape.layers - layer - 1) * later);
      }),
    );
    return count.bases([...clean, ...corrupted]) + sum(all);
  }
  const bases = count.blocks(2 * pairs, length, shape.layers);
  return (
    bases +
    positions.length * sum(heads.map((head) => forwardFrom(head, pairs, length, shape, count, algorithm)))
  );
}

/** One pass of all pairs with a head's z changed. */
function forwardFrom(
  [layer]: Head,
  pairs: number,
  length: number,
  shape: Shape,
  count: Count,
  algorithm: Algorithm,
): number {
  if (algorithm === "forward-all-logits")
    return count.blocks(pairs, length, shape.layers) + count.unembed(pairs * length);
  if (algorithm === "forward") return count.blocks(pairs, length, shape.layers) + count.unembed(pairs);
  if (algorithm === "resume") return count.blocks(pairs, length, shape.layers - layer);
  return pairs * length * (count.out + count.mlp) + count.blocks(pairs, length, shape.layers - layer - 1);
}

function carried(
  [layer]: Head,
  to: number,
  pairs: number,
  length: number,
  shape: Shape,
  count: Count,
  algorithm: Algorithm,
): number {
  switch (algorithm) {
    case "rows":
      return pairs * (count.out + (to - layer) * count.mlp);
    case "resume-skip-frozen":
      return pairs * length * (count.out + (to - layer) * count.mlp);
    case "resume":
      return count.blocks(pairs, length, to - layer);
    case "forward":
      return count.blocks(pairs, length, to) + (to === shape.layers ? count.unembed(pairs) : 0);
    case "forward-all-logits":
      return count.blocks(pairs, length, to) + (to === shape.layers ? count.unembed(pairs * length) : 0);
  }
}

function pathBases({ clean, corrupted }: Paths, shape: Shape, count: Count, algorithm: Algorithm): number {
  if (algorithm === "rows") return count.bases([...clean, ...corrupted]);
  return count.blocks(2 * clean.length, clean[0]!.length, shape.layers);
}

function pathFinalFlops(job: Paths, shape: Shape, count: Count, algorithm: Algorithm): number {
  const [pairs, length] = [job.clean.length, job.clean[0]!.length];
  const cells = job.heads.map((head) => carried(head, shape.layers, pairs, length, shape, count, algorithm));
  return pathBases(job, shape, count, algorithm) + sum(cells);
}

function pathQueriesFlops(
  job: Extract<Job, { kind: "path-queries" }>,
  shape: Shape,
  count: Count,
  algorithm: Algorithm,
): number {
  const [pairs, length] = [job.clean.length, job.clean[0]!.length];
  const to = job.receivers[0]![0];
  const queries = (job.receivers.length * count.qkv) / (3 * shape.heads);
  const cells = job.heads.map((head) => {
    if (algorithm === "rows") {
      const later = (shape.layers - to - 1) * (count.layer + count.attend(length));
      const receiver = queries + count.attend(length) + count.out + count.mlp;
      return carried(head, to, pairs, length, shape, count, algorithm) + pairs * (receiver + later);
    }
    const own = algorithm === "resume-skip-frozen" ? "resume" : algorithm;
    const reading = pairs * length * count.qkv;
    return (
      carried(head, to, pairs, length, shape, count, algorithm) +
      reading +
      forwardFrom([to, 0], pairs, length, shape, count, own)
    );
  });
  return pathBases(job, shape, count, algorithm) + sum(cells);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
