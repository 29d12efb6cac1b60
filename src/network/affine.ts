/**
 * w·x + b: the `d` weights of a row begin at place `at` of `rows`, with its bias behind them, and x at place `from` of
 * `values`.
 */
export function sumAt(rows: Float64Array, at: number, d: number, values: Float64Array, from = 0): number {
  const end = at + d;
  let sum = rows[end];
  for (let k = at, i = from; k < end; k++, i++) sum += rows[k] * values[i];
  return sum;
}

/**
 * y = x·Wᵀ + b for `rows` rows: x is rows × d, `weights` o × d, `biases` o, y rows × o. Four outputs at a time,
 * so that four sums run side by side.
 */
export function applyAffine(
  weights: Float64Array,
  biases: Float64Array,
  x: Float64Array,
  y: Float64Array,
  rows: number,
): void {
  const outputs = biases.length;
  const inputs = weights.length / outputs;
  const blocked = outputs - (outputs % 4);
  for (let row = 0; row < rows; row++) {
    const from = row * inputs;
    const to = row * outputs;
    for (let o = 0; o < blocked; o += 4) {
      const w0 = o * inputs;
      const w1 = w0 + inputs;
      const w2 = w1 + inputs;
      const w3 = w2 + inputs;
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      for (let i = 0; i < inputs; i++) {
        const value = x[from + i];
        s0 += weights[w0 + i] * value;
        s1 += weights[w1 + i] * value;
        s2 += weights[w2 + i] * value;
        s3 += weights[w3 + i] * value;
      }
      y[to + o] = s0 + biases[o];
      y[to + o + 1] = s1 + biases[o + 1];
      y[to + o + 2] = s2 + biases[o + 2];
      y[to + o + 3] = s3 + biases[o + 3];
    }
    for (let o = blocked; o < outputs; o++) {
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += weights[o * inputs + i] * x[from + i];
      y[to + o] = sum + biases[o];
    }
  }
}
