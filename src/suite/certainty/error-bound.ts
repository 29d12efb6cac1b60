import { activations } from '../../network/activations.js';
import type { Network } from '../../records.js';

/** How far the parameters of a network may be off. */
export interface ParameterErrors {
  /** Per weight and bias, layer by layer and row by row, each row with its bias last. */
  readonly sizes: ArrayLike<number>;
  /** Of the slope below zero. */
  readonly slope: number;
}

/**
 * How far the outputs (count × o) may be off when every parameter is off by at most its size, whatever the signs: the
 * errors that reach a neuron are added up, and an activation passes on the most that it changes within them. Unlike
 * first-order propagation, which adds squares, this holds however the errors are correlated, and at kinks.
 */
export function errorBound(
  { activation, slope, layers }: Network,
  errors: ParameterErrors,
  inputs: Float64Array,
  count: number,
): Float64Array {
  const entry = activations[activation];
  let values = inputs;
  let bounds: Float64Array = new Float64Array(inputs.length);
  let at = 0;
  for (const [index, layer] of layers.entries()) {
    const last = index === layers.length - 1;
    const { inputs: d, outputs: m, weights, biases } = layer;
    const nextValues = new Float64Array(count * m);
    const nextBounds = new Float64Array(count * m);
    for (let n = 0; n < count; n++) {
      for (let j = 0; j < m; j++) {
        const own = at + j * (d + 1);
        let z = biases[j];
        let bound = errors.sizes[own + d];
        for (let k = 0; k < d; k++) {
          const [value, weight] = [values[n * d + k], weights[j * d + k]];
          z += weight * value;
          bound +=
            errors.sizes[own + k] * (Math.abs(value) + bounds[n * d + k]) +
            Math.abs(weight) * bounds[n * d + k];
        }
        const place = n * m + j;
        if (last) {
          nextValues[place] = z;
          nextBounds[place] = bound;
          continue;
        }
        const value = entry.value(z, slope);
        const ends = [z - bound, z + bound].map((end) => Math.abs(entry.value(end, slope) - value));
        // between the ends a smooth activation may turn round: what its slope here says is added
        const inside = Math.abs(entry.derivative(z, slope)) * bound;
        nextValues[place] = value;
        nextBounds[place] = Math.max(...ends, inside) + (z < 0 ? errors.slope * (Math.abs(z) + bound) : 0);
      }
    }
    at += m * (d + 1);
    values = nextValues;
    bounds = nextBounds;
  }
  return bounds;
}

/** All weights and biases, layer by layer and row by row, each row with its bias last. */
export function flattenNetwork({ layers }: Network): Float64Array {
  return Float64Array.from(
    layers.flatMap(({ inputs, outputs, weights, biases }) =>
      Array.from({ length: outputs }, (_, j) => [
        ...weights.subarray(j * inputs, (j + 1) * inputs),
        biases[j],
      ]).flat(),
    ),
  );
}
