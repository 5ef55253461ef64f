/** b_O, `[d_model]`: what hook_attn_out has beyond the sum of hook_result `[head, d_model]`. */
export const attentionBias = (
  attnOut: Float32Array,
  result: Float32Array,
  heads: number,
  width: number,
): Float32Array =>
  attnOut.map((value, d) => {
    let own = value;
    for (let head = 0; head < heads; head++) own -= result[head * width + d]!;
    return own;
  });
