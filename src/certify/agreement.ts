import { activations } from '../network/activations.js';
import { unwound } from '../network/periodic.js';
import { splitParameters } from '../network/shallow.js';
import type { Dataset, Student } from '../records.js';

/** A student's vector this close to a neuron, relative to the neuron's length, is the same neuron. */
const sameNeuron = 1e-3;

/**
 * Whether a student contains every neuron of `incoming` (k × (d+1)), up to the activation's symmetry and
 * as far as its own loss lets it. Lengths are measured over the samples' second moments, input by input.
 */
export function containsNeurons(student: Student, incoming: Float64Array, dataset: Dataset): boolean {
  const activation = activations[student.shape.activation];
  const { symmetry, homogeneous } = activation;
  const d = dataset.inputDimension;
  const size = d + 1;
  const weights = secondMoments(dataset);
  const own = splitParameters(student.shape, student.parameters).incoming;
  const vector = (source: Float64Array, i: number) => {
    const own = unwound(source.subarray(i * size, (i + 1) * size), activation);
    const values = Array.from(own, (value, k) => value * weights[k]);
    const norm = homogeneous ? Math.hypot(...values) : 1;
    return values.map((value) => value / norm);
  };
  for (let i = 0; i < incoming.length / size; i++) {
    const neuron = vector(incoming, i);
    const length = Math.hypot(...neuron);
    let nearest = Number.POSITIVE_INFINITY;
    for (let j = 0; j < student.shape.hidden; j++) {
      const other = vector(own, j);
      const minus = Math.hypot(...neuron.map((value, k) => value - other[k]));
      const plus = Math.hypot(...neuron.map((value, k) => value + other[k]));
      nearest = Math.min(nearest, symmetry === 'none' ? minus : Math.min(minus, plus));
    }
    if (nearest > sameNeuron * length) return false;
  }
  return true;
}

/** Root mean square of every component of x̃ = (x, 1). */
function secondMoments({ inputs, count, inputDimension: d }: Dataset): Float64Array {
  const moments = new Float64Array(d + 1);
  for (let n = 0; n < count; n++) for (let k = 0; k < d; k++) moments[k] += inputs[n * d + k] ** 2 / count;
  moments[d] = 1;
  return moments.map(Math.sqrt);
}
