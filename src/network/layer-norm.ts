/**
 * Layer normalisation of what the neurons of a layer see: gains·(z − mean)/√(variance + epsilon) + shifts, with mean
 * and variance over the layer's neurons.
 */
export interface LayerNorm {
  /** One of each a neuron. */
  readonly gains: Float64Array;
  readonly shifts: Float64Array;
  readonly epsilon: number;
}

/** What is added to the variance in networks that are recovered: the default of PyTorch, as ONNX holds it. */
export const usualEpsilon = Math.fround(1e-5);

/** Writes (z − mean)/√(variance + epsilon) of m numbers to `to` and returns that root. */
export function normaliseRow(z: Float64Array, epsilon: number, to: Float64Array): number {
  const m = z.length;
  let mean = 0;
  for (let j = 0; j < m; j++) mean += z[j] / m;
  let variance = 0;
  for (let j = 0; j < m; j++) variance += (z[j] - mean) ** 2 / m;
  const root = Math.sqrt(variance + epsilon);
  for (let j = 0; j < m; j++) to[j] = (z[j] - mean) / root;
  return root;
}

/** Normalises the sums of one row of a layer in place. */
export function applyNorm({ gains, shifts, epsilon }: LayerNorm, sums: Float64Array): void {
  normaliseRow(sums, epsilon, sums);
  for (let j = 0; j < sums.length; j++) sums[j] = gains[j] * sums[j] + shifts[j];
}

/**
 * The gradient over z of a function whose gradient over what comes out of the normalisation (gains and shifts among it)
 * is `slopes`, written in their place; `normalised` and `root` are those of `normaliseRow`.
 */
export function backThroughNorm(
  slopes: Float64Array,
  gains: Float64Array,
  normalised: Float64Array,
  root: number,
): void {
  const m = slopes.length;
  let mean = 0;
  let along = 0;
  for (let j = 0; j < m; j++) {
    slopes[j] *= gains[j];
    mean += slopes[j] / m;
    along += (slopes[j] * normalised[j]) / m;
  }
  for (let j = 0; j < m; j++) slopes[j] = (slopes[j] - mean - normalised[j] * along) / root;
}
