import { type ActivationName, activations } from '../network/activations.js';
import type { DeepNetwork } from '../network/deep.js';
import { normProblem } from '../optimise/norm-problem.js';
import type { Dataset } from '../records.js';
import { type Identifiability, identifiabilityOf } from './identifiability.js';
import { neuronsOf, normPlacesOf } from './neuron-places.js';

/**
 * Rank, condition and standard errors of a network whose neurons' sums are normalised. What that removes is made costly,
 * so that JᵀJ is singular only for other reasons: a vector that all rows have in common (d + 1 directions), their length,
 * and behind it the scale of a homogeneous neuron's gain and shift. That adds to the standard errors no more than a
 * weight that is known well has itself.
 */
export function besideNorm(network: DeepNetwork, dataset: Dataset, floor: number): Identifiability {
  const { shape, parameters } = network;
  const problem = normProblem(shape, dataset);
  const free = freeDirections(network);
  const gauged = { ...problem, normalMatrix: () => stiffened(problem.normalMatrix(), free) };
  const places = [...neuronsOf(network), ...normPlacesOf(network)];
  const found = identifiabilityOf(gauged, parameters, places, false, floor);
  return { ...found, freeDirections: free.length };
}

/** What no answer can tell apart where the sums of a layer are normalised, in words. */
export function normEquivalents(activation: ActivationName): string[] {
  const { symmetry, homogeneous } = activations[activation];
  return [
    'the same neurons in another order',
    ...(symmetry === 'odd' ? ['a neuron with the signs of its gain, shift and outgoing weights turned'] : []),
    ...(homogeneous ? ['a neuron with gain and shift times s > 0 and outgoing weights divided by s'] : []),
    'one vector added to the incoming weights and biases of all neurons',
    'the incoming weights and biases of all neurons times s > 0, and epsilon times s²',
    'the signs of all incoming weights, biases and gains turned',
  ];
}

/** Directions of unit length, each by its entries that are not 0. */
type Direction = readonly (readonly [place: number, value: number])[];

function freeDirections(network: DeepNetwork): Direction[] {
  const { shape, parameters } = network;
  const [m] = shape.widths;
  const columns = shape.inputs + 1;
  const common = Array.from({ length: columns }, (_, k) =>
    Array.from({ length: m }, (_, j) => [j * columns + k, 1] as const),
  );
  const length = Array.from({ length: m * columns }, (_, i) => [i, parameters[i]] as const);
  const scales = activations[shape.activation].homogeneous
    ? normPlacesOf(network).map(({ row }) => row.map((i) => [i, parameters[i]] as const))
    : [];
  return [...common, length, ...scales].map((direction) => {
    const norm = Math.hypot(...direction.map(([, value]) => value)) || 1;
    return direction.map(([place, value]) => [place, value / norm] as const);
  });
}

function stiffened(matrix: Float64Array, directions: readonly Direction[]): Float64Array {
  const p = Math.sqrt(matrix.length);
  const stiffness = directions.map(
    (direction) => direction.reduce((sum, [i]) => sum + matrix[i * p + i], 0) / direction.length,
  );
  for (const [index, direction] of directions.entries()) {
    for (const [i, a] of direction) {
      for (const [k, b] of direction) matrix[i * p + k] += stiffness[index] * a * b;
    }
  }
  return matrix;
}
