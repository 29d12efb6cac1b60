import type { Kernels } from '../kernels/kernels.js';
import { activations } from '../network/activations.js';
import { type DeepNetwork, type DeepShape, deepBlocks, toDeepNetwork } from '../network/deep.js';
import type { ShallowShape } from '../network/shallow.js';
import type { Dataset, Deletion } from '../records.js';
import type { Certificate } from './certificate.js';
import { causeOf } from './certify.js';
import { type Explained, measureHeldOut } from './held-out.js';
import { type Identifiability, identifiabilityOf, type NeuronPlace } from './identifiability.js';
import { type OutsideErrors, withOutsideErrors } from './outside-errors.js';
import { propagate } from './propagate.js';
import { findUnseen, type UnseenInput } from './unseen.js';

/** All that the certificate of a deep network is made from. */
export interface CertifyDeepInput {
  /** For outputs divided by their scales, with its loss on `dataset`, which it was fitted to. */
  readonly network: DeepNetwork & { readonly loss: number };
  /** Where it lives in a subspace: the same in the whole input space, and what is known of its first layer there. */
  readonly lifted?: OutsideErrors & { readonly whole: DeepNetwork };
  readonly dataset: Dataset;
  /** Fresh pairs, unscaled. */
  readonly heldOut: Dataset;
  readonly scales: Float64Array;
  readonly roundoff: number;
  /** Variance of the noise on the answers, in scaled outputs. */
  readonly noise: number;
  /** The part of it that comes from a grid to which the answers are rounded. */
  readonly quantisation: number;
  /** Deletion tests of every hidden layer. */
  readonly deletions: readonly (readonly Deletion[])[];
  /** Students at the floor, and those of them that led to this network. */
  readonly agreement: Certificate['agreement'];
}

/** Collects the evidence for a recovered network of any depth (method.md §9); every layer is in it. */
export function certifyDeep(input: CertifyDeepInput, kernels: Kernels): Certificate {
  const { network, dataset, roundoff, noise, scales } = input;
  const { shape, parameters, loss } = network;
  const problem = kernels.deep(shape, dataset);
  problem.linearise(parameters);
  const floor = roundoff ** 2 * perturbation(problem.normalDiagonal, parameters, dataset) + noise;
  const neurons = neuronsOf(shape);
  const fixed = activations[shape.activation].homogeneous
    ? neurons.map(({ row }) =>
        row.reduce((a, b) => (Math.abs(parameters[b]) > Math.abs(parameters[a]) ? b : a)),
      )
    : [];
  const inside = identifiabilityOf(problem, parameters, neurons, false, floor, fixed);
  problem.dispose();
  const known = input.lifted === undefined ? inside : liftErrors(inside, network, input.lifted);
  const whole = input.lifted?.whole ?? network;
  const needed = input.deletions.flat().filter((deletion) => !deletion.removed);
  const baseline = Math.max(loss, floor);
  return {
    floor,
    slopeIsFitted: shape.activation === 'leaky_relu',
    floorCause: causeOf(input, floor),
    heldOut: measureHeldOut(toDeepNetwork(whole, scales), input.heldOut, scales, (scaled) =>
      explain(whole, known.standardErrors, scaled, input),
    ),
    identifiability: { ...known, standardErrors: inUnits(known.standardErrors, whole.shape, scales) },
    minimal: needed.length === shape.widths.reduce((sum, width) => sum + width, 0),
    leastDeletionFactor: Math.min(...needed.map((deletion) => deletion.lossWithout / baseline)),
    unseen: findUnseen(firstLayer(input, known.standardErrors, baseline)),
    agreement: input.agreement,
  };
}

/** The first hidden layer and the next one's weights, as a network with one hidden layer: what inputs and it leave unseen. */
function firstLayer(
  { network, lifted, heldOut, deletions }: CertifyDeepInput,
  standardErrors: Float64Array,
  baseline: number,
): UnseenInput {
  const { shape, parameters } = firstTwo(lifted?.whole ?? network);
  return {
    shape,
    parameters,
    standardErrors: standardErrors.subarray(0, parameters.length),
    samples: heldOut,
    tested: network.parameters.slice(0, deepBlocks(network.shape)[1].at),
    deletions: deletions[0],
    baseline,
  };
}

/**
 * Mean squared change of the outputs, and their mean square, when every parameter is off by its own size:
 * Σᵢ θᵢ²·(JᵀJ)ᵢᵢ over the residuals. Times u², what rounding of every product leaves to first order.
 */
function perturbation(diagonal: Float64Array, parameters: Float64Array, dataset: Dataset): number {
  const { outputs, count, outputDimension } = dataset;
  let sum = 0;
  for (const value of outputs) sum += value * value;
  for (let i = 0; i < parameters.length; i++) sum += parameters[i] ** 2 * diagonal[i];
  return sum / (count * outputDimension);
}

/** What rounding with noise, and the standard errors of the weights, explain of the outputs' errors. */
function explain(
  whole: DeepNetwork,
  standardErrors: Float64Array,
  scaled: Dataset,
  { roundoff, noise }: CertifyDeepInput,
): Explained {
  const { outputs, count, outputDimension } = scaled;
  const square = outputs.reduce((sum, value) => sum + value * value, 0) / (count * outputDimension);
  const rounding = roundoff ** 2 * (square + propagate(whole, whole.parameters, scaled)) + noise;
  const weights = standardErrors.every(Number.isFinite) ? propagate(whole, standardErrors, scaled) : 0;
  return { rounding, weights };
}

/** Where the neurons of all hidden layers have their weights. */
function neuronsOf(shape: DeepShape): NeuronPlace[] {
  const blocks = deepBlocks(shape);
  return blocks.slice(0, -1).flatMap(({ at, rows, columns }, layer) => {
    const next = blocks[layer + 1];
    return Array.from({ length: rows }, (_, j) => ({
      row: Array.from({ length: columns }, (_, k) => at + j * columns + k),
      column: Array.from({ length: next.rows }, (_, i) => next.at + i * next.columns + j),
    }));
  });
}

/** Standard errors in the units of the outputs, whose scales they were divided by. */
function inUnits(errors: Float64Array, shape: DeepShape, scales: Float64Array): Float64Array {
  const { at, columns } = deepBlocks(shape).at(-1)!;
  return errors.map((error, i) => (i < at ? error : error * scales[Math.floor((i - at) / columns)]));
}

/** The first hidden layer and the next one's weights, as a network with one hidden layer. */
function firstTwo({ shape, parameters }: DeepNetwork): { shape: ShallowShape; parameters: Float64Array } {
  const { inputs, activation, slope } = shape;
  const [first, next] = deepBlocks(shape);
  return {
    shape: { inputs, hidden: first.rows, outputs: next.rows, activation, slope, skip: false },
    parameters: parameters.subarray(0, next.at + next.rows * next.columns),
  };
}

/** What is known of all weights in the whole input space, from what is known inside a subspace and outside of it. */
function liftErrors(
  inside: Identifiability,
  network: DeepNetwork,
  { whole, ...outside }: OutsideErrors & { readonly whole: DeepNetwork },
): Identifiability {
  const own = firstTwo(network);
  const lifted = firstTwo(whole);
  const end = own.parameters.length;
  const first = withOutsideErrors(
    { ...inside, standardErrors: inside.standardErrors.subarray(0, end) },
    own.shape,
    lifted,
    outside,
  );
  const standardErrors = Float64Array.of(...first.standardErrors, ...inside.standardErrors.subarray(end));
  return {
    ...first,
    parameters: whole.parameters.length,
    standardErrors,
    largestRelativeError: Math.max(inside.largestRelativeError, first.largestRelativeError),
  };
}
