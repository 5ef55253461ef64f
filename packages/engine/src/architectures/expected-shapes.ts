import type { LinearSpec, ModelSpec, NormSpec } from "./architecture.ts";

/** Every tensor a model's graphs read, with the shape config.json implies. */
export function* expectedShapes(spec: ModelSpec): Generator<{ name: string; shape: number[] }> {
  const { layers, heads, kvHeads, width, headWidth, mlpWidth, vocabulary, positions } = spec.facts;
  const { projection, position } = spec.embedding;
  yield { name: spec.embedding.token, shape: [vocabulary, projection?.width ?? width] };
  if (projection) yield* linearShapes(projection.linear, projection.width, width);
  if (position) yield { name: position.weight, shape: [positions + position.offset, width] };
  for (let layer = 0; layer < layers; layer++) {
    const block = spec.block(layer);
    yield* normShapes(block.norm1, width);
    const [q, kv] = [heads * headWidth, kvHeads * headWidth];
    if (block.qkv.kind !== "separate") yield* linearShapes(block.qkv.all, width, q + 2 * kv);
    else {
      yield* linearShapes(block.qkv.q, width, q);
      yield* linearShapes(block.qkv.k, width, kv);
      yield* linearShapes(block.qkv.v, width, kv);
    }
    if (block.headNorms) {
      yield* normShapes(block.headNorms.q, headWidth);
      yield* normShapes(block.headNorms.k, headWidth);
    }
    yield* linearShapes(block.out, q, width);
    yield* normShapes(block.norm2, width);
    if (block.postNorms) {
      yield* normShapes(block.postNorms.attention, width);
      yield* normShapes(block.postNorms.mlp, width);
    }
    if (block.mlp.kind === "plain") yield* linearShapes(block.mlp.in, width, mlpWidth);
    else {
      yield* linearShapes(block.mlp.gate, width, mlpWidth);
      yield* linearShapes(block.mlp.up, width, mlpWidth);
    }
    yield* linearShapes(block.mlp.out, mlpWidth, width);
  }
  yield* normShapes(spec.finalNorm, width);
  const { projection: last, weight } = spec.unembedding;
  if (last) yield* linearShapes(last.linear, width, last.width);
  if (weight !== spec.embedding.token) yield { name: weight, shape: [vocabulary, last?.width ?? width] };
}

function* normShapes(norm: NormSpec | null, width: number) {
  if (!norm) return;
  if (norm.weight) yield { name: norm.weight, shape: [width] };
  if (norm.bias) yield { name: norm.bias, shape: [width] };
}

function* linearShapes(linear: LinearSpec, from: number, to: number) {
  yield { name: linear.weight, shape: linear.layout === "in_out" ? [from, to] : [to, from] };
  if (linear.bias) yield { name: linear.bias, shape: [to] };
}
