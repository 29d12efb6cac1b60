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
 * Adds W·x to y: `weights` o × d, x at place `from` of `x`, y at place `to` of `y`, which holds what the sums begin at. Four
 * sums run side by side, each in its own order.
 */
export function addProducts(
  weights: Float64Array,
  x: Float64Array,
  from: number,
  y: Float64Array,
  to: number,
  outputs: number,
): void {
  const inputs = weights.length / outputs;
  const blocked = outputs - (outputs % 4);
  for (let o = 0; o < blocked; o += 4) {
    const w0 = o * inputs;
    const w1 = w0 + inputs;
    const w2 = w1 + inputs;
    const w3 = w2 + inputs;
    const at = to + o;
    let [s0, s1, s2, s3] = [y[at], y[at + 1], y[at + 2], y[at + 3]];
    for (let i = 0; i < inputs; i++) {
      const value = x[from + i];
      s0 += weights[w0 + i] * value;
      s1 += weights[w1 + i] * value;
      s2 += weights[w2 + i] * value;
      s3 += weights[w3 + i] * value;
    }
    y[at] = s0;
    y[at + 1] = s1;
    y[at + 2] = s2;
    y[at + 3] = s3;
  }
  for (let o = blocked; o < outputs; o++) {
    let sum = y[to + o];
    for (let i = 0; i < inputs; i++) sum += weights[o * inputs + i] * x[from + i];
    y[to + o] = sum;
  }
}

/** y = x·Wᵀ + b for `rows` rows: x is rows × d, `weights` o × d, `biases` o, y rows × o. Biases are added last. */
export function applyAffine(
  weights: Float64Array,
  biases: Float64Array,
  x: Float64Array,
  y: Float64Array,
  rows: number,
): void {
  const outputs = biases.length;
  const inputs = weights.length / outputs;
  for (let row = 0; row < rows; row++) {
    const to = row * outputs;
    y.fill(0, to, to + outputs);
    addProducts(weights, x, row * inputs, y, to, outputs);
    for (let o = 0; o < outputs; o++) y[to + o] += biases[o];
  }
}
