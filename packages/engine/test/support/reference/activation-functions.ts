const tanhGelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));

const FUNCTIONS: Record<string, (x: number) => number> = {
  relu: (x) => Math.max(0, x),
  silu: (x) => x / (1 + Math.exp(-x)),
  gelu: (x) => 0.5 * x * (1 + errorFunction(x / Math.SQRT2)),
  gelu_new: tanhGelu,
  gelu_pytorch_tanh: tanhGelu,
  quick_gelu: (x) => x / (1 + Math.exp(-1.702 * x)),
};

export function activationFunction(name: string): (x: number) => number {
  const found = FUNCTIONS[name];
  if (!found) throw new Error(`the reference transformer lacks ${name}`);
  return found;
}

/** erf by its series of positive terms, 2/sqrt(pi) exp(-x^2) sum 2^n x^(2n+1) / (2n+1)!!, exact to rounding wherever it is not 1. */
export function errorFunction(x: number): number {
  const size = Math.abs(x);
  if (size > 6) return Math.sign(x);
  let term = size;
  let sum = size;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * size * size) / (2 * n + 1);
    sum += term;
  }
  return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * Math.exp(-size * size) * sum;
}
