import { activations } from '../../network/activations.js';
import type { Network, Path } from '../../records.js';

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
  network: Network,
  errors: ParameterErrors,
  inputs: Float64Array,
  count: number,
): Float64Array {
  const { activation, slope, layers } = network;
  const entry = activations[activation];
  const given = [{ values: inputs, bounds: new Float64Array(inputs.length) }];
  let at = 0;
  for (const [index, layer] of layers.entries()) {
    const last = index === layers.length - 1;
    const m = layer.outputs;
    const seen = joinGiven(
      [index, ...pathsTo(network, index).map(({ from }) => from)].map((l) => given[l]),
      count,
    );
    const rows = rowsOf(network, index);
    const d = seen.values.length / count;
    const nextValues = new Float64Array(count * m);
    const nextBounds = new Float64Array(count * m);
    for (let n = 0; n < count; n++) {
      for (let j = 0; j < m; j++) {
        const own = at + j * (d + 1);
        let z = layer.biases[j];
        let bound = errors.sizes[own + d];
        for (let k = 0; k < d; k++) {
          const [value, weight] = [seen.values[n * d + k], rows[j][k]];
          z += weight * value;
          bound +=
            errors.sizes[own + k] * (Math.abs(value) + seen.bounds[n * d + k]) +
            Math.abs(weight) * seen.bounds[n * d + k];
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
    given.push({ values: nextValues, bounds: nextBounds });
  }
  return given[layers.length].bounds;
}

/** What layers give, count rows each, and how far it may be off. */
interface Given {
  readonly values: Float64Array;
  readonly bounds: Float64Array;
}

/** What several layers give as the rows that one layer sees. */
function joinGiven(parts: readonly Given[], count: number): Given {
  if (parts.length === 1) return parts[0];
  const join = (of: (part: Given) => Float64Array) => {
    const widths = parts.map((part) => of(part).length / count);
    const width = widths.reduce((sum, one) => sum + one, 0);
    const joined = new Float64Array(count * width);
    for (let n = 0; n < count; n++) {
      let place = n * width;
      for (const [i, part] of parts.entries()) {
        joined.set(of(part).subarray(n * widths[i], (n + 1) * widths[i]), place);
        place += widths[i];
      }
    }
    return joined;
  };
  return { values: join((part) => part.values), bounds: join((part) => part.bounds) };
}

/** The paths that lead to a layer (from 0), those from the nearest layer first, as the recovery has them. */
export const pathsTo = ({ paths = [] }: Network, index: number): readonly Path[] =>
  paths.filter(({ to }) => to === index + 1).sort((a, b) => b.from - a.from);

/** The rows of a layer: its weights, those of the paths that lead to it, its bias. */
export function rowsOf(network: Network, index: number): number[][] {
  const { inputs, outputs, weights, biases } = network.layers[index];
  return Array.from({ length: outputs }, (_, j) => [
    ...weights.subarray(j * inputs, (j + 1) * inputs),
    ...pathsTo(network, index).flatMap((path) => {
      const width = path.weights.length / outputs;
      return [...path.weights.subarray(j * width, (j + 1) * width)];
    }),
    biases[j],
  ]);
}

/** All weights and biases, layer by layer and row by row, each row with its bias last and paths before it. */
export const flattenNetwork = (network: Network): Float64Array =>
  Float64Array.from(network.layers.flatMap((_, index) => rowsOf(network, index).flat()));
