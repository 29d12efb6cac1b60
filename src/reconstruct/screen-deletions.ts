import type { Kernels } from '../kernels/kernels.js';
import { activations } from '../network/activations.js';
import type { Fitted } from '../optimise/fit.js';
import { groupsOfWeights, holdScales, weightsOfNeurons } from '../optimise/hold-scales.js';
import { type InverseByProducts, invertByProducts } from '../optimise/inverse-by-products.js';
import { invertInPlace, mostFormed, mostInPlace } from '../optimise/inverse-in-place.js';
import { type Dataset, samplesOf } from '../records.js';

/** Random directions of a screening: a neuron is judged by all of its outgoing weights, and with a large margin. */
const followed = { probes: 3, mostProducts: 400 };

/** A neuron that is expected to leave more than this many times the tolerance is not tried. */
const worthTrying = 1e6;

/** A neuron with this part of a direction in which the answers do not change may be superfluous. */
const part = 0.02;

/** Which neurons of a network could be left out, without a descent for each. */
export interface Screening {
  /**
   * The loss that is left, or more, when a neuron is left out and all other weights make up for it as JᵀJ says; m
   * entries. NaN where JᵀJ did not tell.
   */
  readonly lossWithout: Float64Array;
  /** Neurons that have to be tried. */
  readonly suspects: readonly number[];
}

/**
 * What JᵀJ says of leaving out each neuron of a wide network at the floor. Without its outgoing weights a, when all other
 * weights follow, the sum of squares grows by aᵀC⁻¹a to second order, C being their part of (JᵀJ)⁻¹, and that is at least
 * ‖a‖² over the trace of C. A neuron too many leaves a direction in which the answers do not change, so that its C is
 * large. Who is taken for needed by mistake leaves JᵀJ singular, which the certificate tells.
 */
export function screenDeletions(
  { shape, parameters, loss }: Fitted,
  dataset: Dataset,
  tolerance: number,
  kernels: Kernels,
): Screening {
  const neurons = weightsOfNeurons(shape);
  const { kind, diagonal, weakest } = invert({ shape, parameters }, dataset, kernels);
  const sum = (indices: readonly number[], of: (i: number) => number) =>
    indices.reduce((total, i) => total + of(i), 0);
  const numbered = neurons.map((_, j) => j);
  if (kind !== 'determined') {
    const all = weakest.reduce((total, value) => total + value ** 2, 0) || 1;
    const shares = neurons.map(({ row, column }) => sum([...row, ...column], (i) => weakest[i] ** 2) / all);
    return {
      lossWithout: new Float64Array(neurons.length).fill(Number.NaN),
      suspects: kind === 'free' ? numbered.filter((j) => shares[j] > part) : numbered,
    };
  }
  const lossWithout = Float64Array.from(neurons, ({ column }) => {
    const square = sum(column, (i) => parameters[i] ** 2);
    return loss + square / sum(column, (i) => diagonal[i]) / (dataset.count * shape.outputs);
  });
  return { lossWithout, suspects: numbered.filter((j) => !(lossWithout[j] > worthTrying * tolerance)) };
}

/** The inverse of JᵀJ, by its factor where that is soon made, or where products show too little. */
function invert(
  { shape, parameters }: Pick<Fitted, 'shape' | 'parameters'>,
  dataset: Dataset,
  kernels: Kernels,
): Pick<InverseByProducts, 'kind' | 'diagonal' | 'weakest'> {
  const samples = samplesOf(dataset);
  const { homogeneous } = activations[shape.activation];
  const byFactor = (most: number) => {
    const found =
      homogeneous || parameters.length > most
        ? undefined
        : invertInPlace(kernels, shape, samples, parameters);
    return found && { kind: 'determined' as const, diagonal: found.diagonal, weakest: new Float64Array(0) };
  };
  const small = byFactor(mostFormed);
  if (small !== undefined) return small;
  const problem = kernels.matrixFree(shape, samples);
  problem.linearise(parameters);
  const { held, fix } = homogeneous
    ? holdScales(problem, parameters, weightsOfNeurons(shape))
    : { held: problem, fix: undefined };
  const found = invertByProducts(held, groupsOfWeights(shape), followed, fix);
  problem.dispose();
  const isOpen = found.kind === 'unknown' && parameters.length > mostFormed;
  return (isOpen ? byFactor(mostInPlace) : undefined) ?? found;
}
