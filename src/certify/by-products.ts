import type { Kernels } from '../kernels/kernels.js';
import { activations } from '../network/activations.js';
import type { ShallowShape } from '../network/shallow.js';
import { groupsOfWeights, holdScales } from '../optimise/hold-scales.js';
import {
  type InverseByProducts,
  invertByProducts,
  productDefaults,
  risk,
} from '../optimise/inverse-by-products.js';
import { invertInPlace, mostInPlace } from '../optimise/inverse-in-place.js';
import type { Dataset } from '../records.js';
import { type Identifiability, largestErrorOf, type NeuronPlace } from './identifiability.js';
import { listNumbers } from './unseen.js';

/** Half a unit in the last place of 1. */
const weightRoundoff = 2 ** -53;

/**
 * The same as `identifiabilityOf` for a network with one hidden layer that is too large for it: rank, condition and
 * standard errors from products with JᵀJ. `fullRank` is true only where no direction is left in which the answers could
 * stay the same, but for the `risk`; where it is false, `byProducts.open` says what is missing.
 */
export function identifiabilityByProducts(
  shape: ShallowShape,
  parameters: Float64Array,
  neurons: readonly NeuronPlace[],
  dataset: Dataset,
  floor: number,
  kernels: Kernels,
): Identifiability {
  const problem = kernels.matrixFree(shape, dataset);
  try {
    problem.linearise(parameters);
    const { homogeneous } = activations[shape.activation];
    const { held, fix } = homogeneous
      ? holdScales(problem, parameters, neurons)
      : { held: problem, fix: undefined };
    const found = invertByProducts(held, groupsOfWeights(shape), productDefaults, fix);
    const freeDirections = homogeneous ? neurons.length : 0;
    const known = describe(found, parameters, neurons, freeDirections, floor);
    if (shape.activation === 'leaky_relu' && known.fullRank) return withoutSlope(known);
    const isOpen = found.kind === 'unknown' && !homogeneous && parameters.length <= mostInPlace;
    return isOpen
      ? (identifiabilityInPlace(shape, parameters, neurons, dataset, floor, kernels) ?? known)
      : known;
  } finally {
    problem.dispose();
  }
}

/** Of a weight, from its entry of the inverse of JᵀJ; a weight is a float64 number, however well it is known. */
const standardErrorOf = (inverse: number, weight: number, floor: number): number =>
  Math.hypot(Math.sqrt(floor * inverse), weightRoundoff * weight);

function describe(
  found: InverseByProducts,
  parameters: Float64Array,
  neurons: readonly NeuronPlace[],
  freeDirections: number,
  floor: number,
): Identifiability {
  const { kind, probes, products, mostCondition } = found;
  const fullRank = kind === 'determined';
  const open = openQuestion(found, neurons);
  const standardErrors = found.diagonal.map((inverse, i) =>
    fullRank ? standardErrorOf(inverse, parameters[i], floor) : Number.NaN,
  );
  return {
    parameters: parameters.length,
    freeDirections,
    fullRank,
    condition: fullRank ? found.condition : Number.POSITIVE_INFINITY,
    standardErrors,
    largestRelativeError: fullRank
      ? largestErrorOf(neurons, parameters, standardErrors)
      : Number.POSITIVE_INFINITY,
    byProducts: { probes, products, mostCondition, risk, ...(open !== undefined && { open }) },
  };
}

/**
 * The same by the factor of JᵀJ in its place, for activations that leave no scales free; undefined where that does not show
 * that every weight is determined.
 */
export function identifiabilityInPlace(
  shape: ShallowShape,
  parameters: Float64Array,
  neurons: readonly NeuronPlace[],
  dataset: Dataset,
  floor: number,
  kernels: Kernels,
): Identifiability | undefined {
  const found = invertInPlace(kernels, shape, dataset, parameters);
  if (found === undefined) return undefined;
  const standardErrors = found.diagonal.map((inverse, i) => standardErrorOf(inverse, parameters[i], floor));
  return {
    parameters: parameters.length,
    freeDirections: 0,
    fullRank: true,
    condition: found.condition,
    standardErrors,
    largestRelativeError: largestErrorOf(neurons, parameters, standardErrors),
  };
}

/** What is known of weights beside a slope that was fitted too, whose part the products do not show. */
function withoutSlope(known: Identifiability): Identifiability {
  return {
    ...known,
    fullRank: false,
    standardErrors: known.standardErrors.fill(Number.NaN),
    byProducts: {
      ...known.byProducts!,
      open: 'the slope below zero was fitted too, and products with JᵀJ do not show what it leaves undetermined',
    },
  };
}

/** Neurons that hold so much of a direction are named. */
const mostOfIt = 0.9;

function openQuestion(
  { kind, weakest, products }: InverseByProducts,
  neurons: readonly NeuronPlace[],
): string | undefined {
  if (kind === 'determined') return undefined;
  const square = (i: number) => weakest[i] ** 2;
  const shares = neurons.map(({ row, column }) => [...row, ...column].reduce((sum, i) => sum + square(i), 0));
  const all = weakest.reduce((sum, value) => sum + value ** 2, 0);
  const order = shares.map((_, j) => j).sort((a, b) => shares[b] - shares[a]);
  const named: number[] = [];
  let held = 0;
  for (const j of order) {
    if (!(held < mostOfIt * all) || named.length === 4) break;
    named.push(j);
    held += shares[j];
  }
  const where =
    held >= mostOfIt * all && all > 0
      ? `, which is one of ${listNumbers(
          'neuron',
          named.sort((a, b) => a - b),
        )}`
      : '';
  return kind === 'free'
    ? `a direction of the weights was found in which the answers do not change${where}`
    : `${products} products with JᵀJ did not show that the answers change in every direction of the weights; the weakest that was found${where === '' ? ' is spread over many neurons' : where.slice(7)}`;
}
