/** Takes each vector's mean over its d_model coordinates away, in place: the part a LayerNorm does not see. */
export function centre(vectors: Float32Array, width: number): void {
  for (let at = 0; at < vectors.length; at += width) {
    let mean = 0;
    for (let i = at; i < at + width; i++) mean += vectors[i]! / width;
    for (let i = at; i < at + width; i++) vectors[i]! -= mean;
  }
}
