import { convertActivation } from '../../compare/compare-canonical.js';
import { compareNetworks, type NetworkComparison } from '../../compare/compare-truth.js';
import { type Activation, activations } from '../../network/activations.js';
import type { Layer, Network } from '../../records.js';

/** The truth beside a recovered network. */
export interface Aligned {
  readonly comparison: NetworkComparison;
  /** The truth's weights in the order, signs and scales of the recovered network; null where neurons have no counterpart. */
  readonly truth: Network | null;
}

/**
 * Brings the truth into the form of a recovered network of any depth. The scale of a homogeneous neuron is chosen as
 * its standard errors take it: incoming vectors of the same length with one hidden layer, else the same largest
 * incoming weight.
 */
export function alignTruth(recovered: Network, truth: Network): Aligned {
  const comparison = compareNetworks(recovered, truth);
  const converted = convertActivation(truth, recovered);
  const isMatched = comparison.missing.concat(comparison.excess).every((count) => count === 0);
  if (converted === undefined || !isMatched || converted.layers.length !== recovered.layers.length) {
    return { comparison, truth: null };
  }
  const { symmetry, oddConstant, middle, homogeneous } = activations[recovered.activation];
  const isDeep = recovered.layers.length > 2;
  let order = Array.from({ length: converted.layers[0].inputs }, (_, k) => k);
  let factors = order.map(() => 1);
  const layers: Layer[] = [];
  for (const [index, found] of recovered.layers.entries()) {
    const known = converted.layers[index];
    const last = index === recovered.layers.length - 1;
    const nextOrder = last
      ? Array.from({ length: known.outputs }, (_, o) => o)
      : Array.from(
          { length: found.outputs },
          (_, i) => comparison.neurons[index].find((pair) => pair.recovered === i)!.truth!,
        );
    const nextFactors: number[] = [];
    const { inputs: d } = found;
    const weights = new Float64Array(found.outputs * d);
    const biases = new Float64Array(found.outputs);
    for (const [i, j] of nextOrder.entries()) {
      const row = order.map((k, place) => known.weights[j * d + k] / factors[place]);
      // σ(z) = k − σ(2m − z): a mirrored neuron before leaves its constant in the bias
      const constant = order.reduce(
        (sum, k, place) => sum + (factors[place] < 0 ? oddConstant * known.weights[j * d + k] : 0),
        0,
      );
      const vector = [...row, known.biases[j] + constant];
      const own = [...found.weights.subarray(i * d, (i + 1) * d), found.biases[i]];
      const factor = last ? 1 : factorOf(own, vector, { symmetry, middle, homogeneous, isDeep });
      for (let k = 0; k < d; k++) weights[i * d + k] = factor * vector[k];
      biases[i] = factor * vector[d] + (factor < 0 ? 2 * middle : 0);
      nextFactors.push(factor);
    }
    layers.push({ ...found, weights, biases });
    order = nextOrder;
    factors = nextFactors;
  }
  return { comparison, truth: { ...converted, layers } };
}

/** What the true incoming vector is multiplied by. */
function factorOf(
  own: readonly number[],
  vector: readonly number[],
  {
    symmetry,
    middle,
    homogeneous,
    isDeep,
  }: Pick<Activation, 'symmetry' | 'middle' | 'homogeneous'> & { readonly isDeep: boolean },
): number {
  if (symmetry === 'odd') {
    // which way both point, about the middle of the activation
    const about = own.with(-1, own[own.length - 1] - middle);
    const other = vector.with(-1, vector[vector.length - 1] - middle);
    return about.reduce((sum, value, k) => sum + value * other[k], 0) < 0 ? -1 : 1;
  }
  if (!homogeneous) return 1;
  if (!isDeep) return Math.hypot(...own) / Math.hypot(...vector);
  const largest = own.reduce((best, value, k) => (Math.abs(value) > Math.abs(own[best]) ? k : best), 0);
  return own[largest] / vector[largest];
}
