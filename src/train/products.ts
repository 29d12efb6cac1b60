/**
 * Adds Σₙ δₙ·xₙᵀ to ∂loss/∂W and Σₙ δₙ to ∂loss/∂b over `rows` rows: x is rows × d, δ rows × o,
 * `weightGradient` o × d, `biasGradient` o. Four rows at a time, so that each entry is loaded and stored once
 * for four products.
 */
export function addOuterProducts(
  x: Float64Array,
  delta: Float64Array,
  weightGradient: Float64Array,
  biasGradient: Float64Array,
  rows: number,
): void {
  const outputs = biasGradient.length;
  const inputs = weightGradient.length / outputs;
  const blocked = rows - (rows % 4);
  for (let row = 0; row < blocked; row += 4) {
    const x0 = row * inputs;
    const x1 = x0 + inputs;
    const x2 = x1 + inputs;
    const x3 = x2 + inputs;
    for (let o = 0; o < outputs; o++) {
      const at = row * outputs + o;
      const d0 = delta[at];
      const d1 = delta[at + outputs];
      const d2 = delta[at + 2 * outputs];
      const d3 = delta[at + 3 * outputs];
      const to = o * inputs;
      biasGradient[o] += d0 + d1 + d2 + d3;
      for (let i = 0; i < inputs; i++) {
        weightGradient[to + i] += d0 * x[x0 + i] + d1 * x[x1 + i] + d2 * x[x2 + i] + d3 * x[x3 + i];
      }
    }
  }
  for (let row = blocked; row < rows; row++) {
    for (let o = 0; o < outputs; o++) {
      const d = delta[row * outputs + o];
      biasGradient[o] += d;
      for (let i = 0; i < inputs; i++) weightGradient[o * inputs + i] += d * x[row * inputs + i];
    }
  }
}

/** Writes δ·W to `back` for `rows` rows: δ is rows × o, `weights` o × d, `back` rows × d. */
export function multiplyBack(
  weights: Float64Array,
  delta: Float64Array,
  back: Float64Array,
  rows: number,
  outputs: number,
): void {
  const inputs = weights.length / outputs;
  back.fill(0, 0, rows * inputs);
  for (let row = 0; row < rows; row++) {
    const to = row * inputs;
    for (let o = 0; o < outputs; o++) {
      const d = delta[row * outputs + o];
      for (let i = 0; i < inputs; i++) back[to + i] += d * weights[o * inputs + i];
    }
  }
}
