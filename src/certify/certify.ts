import type { Kernels, LeastSquares } from '../kernels/kernels.js';
import { activations } from '../network/activations.js';
import { activationOf, type DeepNetwork, deepBlocks, layerAndNext, toDeepNetwork } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { forward } from '../network/forward.js';
import { type Frame, type KnownNetwork, liftThroughFrame, toInputs } from '../network/frame.js';
import { saturates } from '../network/head.js';
import { mostFormed } from '../optimise/inverse-in-place.js';
import type { Dataset, Deletion } from '../records.js';
import { type Accuracy, expectedOf, inTargetsTerms, somePairs } from './allowance.js';
import { identifiabilityByProducts } from './by-products.js';
import type { Certificate } from './certificate.js';
import { besideNorm, normEquivalents } from './certify-norm.js';
import { besideSlopes } from './certify-slopes.js';
import { measureHeldOut } from './held-out.js';
import {
  type Identifiability,
  identifiabilityOf,
  largestErrorOf,
  type ParameterBeside,
} from './identifiability.js';
import { liftErrors } from './lift-errors.js';
import { layerOfNeuron, neuronsOf, placesOf } from './neuron-places.js';
import { openWeightsOf } from './open-weights.js';
import type { OutsideErrors } from './outside-errors.js';
import { mostRoundedAlike } from './repeated-answers.js';
import { findUnseen } from './unseen.js';

/** All that a certificate is made from. */
export interface CertifyInput {
  /** For scaled outputs, with its loss on `dataset`, which it was fitted to. */
  readonly network: DeepNetwork & { readonly loss: number };
  readonly dataset: Dataset;
  /** Where those coordinates are a subspace: the same network in the whole space, and what is known of it there. */
  readonly lifted?: (OutsideErrors & { readonly whole: DeepNetwork }) | undefined;
  /** From the coordinates of the recovery to those of the target. */
  readonly frame: Frame | undefined;
  /** Fresh pairs in the coordinates of the recovery, unscaled. */
  readonly heldOut: Dataset;
  readonly accuracy: Accuracy;
  /** Deletion tests of every hidden layer, and the incoming vectors that they name neurons by. */
  readonly deletions: readonly (readonly Deletion[])[];
  readonly tested?: readonly Float64Array[];
  /** Students at the floor, and those of them that contain every neuron of the last hidden layer. */
  readonly agreement: Certificate['agreement'];
  /**
   * Of a network that was mended where answers contradicted it: what they leave open of it is not judged by them, and
   * the errors of all other weights are what an answer may be off by. Otherwise no error is known then, so that an answer
   * that a missing neuron makes is not excused by them.
   */
  readonly isMended?: boolean;
}

/** A certificate, but for what the run's answers and the region say, and the network that it is about. */
export interface Certified {
  readonly certificate: Omit<Certificate, 'answers' | 'region'>;
  /** In the target's coordinates, for scaled outputs. */
  readonly known: KnownNetwork;
}

/** Rounding is estimated on so many of the samples. */
const forRounding = 500;

/** Collects the evidence for a recovered network of any depth (method.md §9); every layer is in it. */
export function certify(input: CertifyInput, kernels: Kernels): Certified {
  const { network, dataset, accuracy, frame, lifted } = input;
  const { scales } = accuracy;
  const wholeNetwork = lifted?.whole ?? network;
  const bare = liftThroughFrame(
    { network: wholeNetwork, standardErrors: new Float64Array(wholeNetwork.parameters.length) },
    frame,
  );
  const some = somePairs(dataset, forRounding);
  const inputs = toInputs(frame, lifted === undefined ? some.inputs : outOf(lifted.basis, some));
  const expected = expectedOf(bare, inputs, some.count, accuracy);
  const { noise } = expected;
  const floor = expected.rounding + noise;
  // errors that many samples have in common do not average out
  const inCommon = mostRoundedAlike(network, dataset, accuracy);
  const inside = measureInside(network, dataset, floor * inCommon, kernels);
  const lift = (own: Identifiability) => (lifted === undefined ? own : liftErrors(own, network, lifted));
  const knownBy = ({ standardErrors }: Identifiability) =>
    liftThroughFrame({ network: wholeNetwork, standardErrors }, frame);
  const whole = lift(inside);
  const known = knownBy(whole);
  const others = input.isMended ? inside.errorsOfOthers?.() : undefined;
  const judgedBy = others ? knownBy(lift({ ...inside, standardErrors: others })) : known;
  const { shape } = known.network;
  const needed = input.deletions.flat().filter((deletion) => !deletion.removed);
  const estimated = needed.filter(({ isEstimated }) => isEstimated).length;
  const baseline = Math.max(network.loss, floor);
  const fresh = inTargetsTerms(input.heldOut, frame, scales);
  return {
    known: judgedBy,
    certificate: {
      floor,
      loss: network.loss,
      noise,
      slopeIsFitted: shape.activation === 'leaky_relu',
      floorCause: causeOf(accuracy, noise, floor),
      heldOut: measureHeldOut(
        judgedBy,
        { ...input.heldOut, inputs: fresh.inputs },
        accuracy,
        // samples at the limits of a head were not fitted to
        lifted === undefined && !saturates(accuracy.head?.head),
      ),
      identifiability: shownOf(whole, known, input),
      minimal: needed.length === shape.widths.reduce((sum, width) => sum + width, 0),
      ...(estimated > 0 && { estimatedDeletions: estimated }),
      leastDeletionFactor: Math.min(...needed.map((deletion) => deletion.lossWithout / baseline)),
      unseen: unseenByLayer(known, fresh, input, baseline),
      agreement: input.agreement,
    },
  };
}

/** What a certificate shows of what is known of the weights. */
function shownOf(
  { open, errorsOfOthers: _, ...determined }: Identifiability,
  known: KnownNetwork,
  { network, accuracy }: CertifyInput,
): Identifiability {
  const { parameters } = known.network;
  return {
    ...determined,
    ...(open && open.length > 0 && { openWeights: openWeightsOf(network, open) }),
    standardErrors: inUnits(known, accuracy),
    largestRelativeError: determined.fullRank
      ? largestErrorOf(placesOf(known.network), parameters, known.standardErrors)
      : determined.largestRelativeError,
  };
}

/** What makes the floor. */
function causeOf({ noise, quantisation }: Accuracy, left: number, floor: number): Certificate['floorCause'] {
  if (left <= floor / 2) return 'rounding';
  return quantisation > noise / 2 ? 'quantisation' : 'noise';
}

/** Inputs (count × d) of coordinates inside a subspace with orthonormal rows (k × d). */
function outOf(basis: Float64Array, { inputs, count, inputDimension: k }: Dataset): Float64Array {
  const d = basis.length / k;
  const whole = new Float64Array(count * d);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < k; i++) {
      const u = inputs[n * k + i];
      for (let c = 0; c < d; c++) whole[n * d + c] += u * basis[i * d + c];
    }
  }
  return whole;
}

/** Rank, condition and standard errors in the coordinates of the last descent. */
function measureInside(
  network: DeepNetwork,
  dataset: Dataset,
  floor: number,
  kernels: Kernels,
): Identifiability {
  const { shape, parameters } = network;
  const { widths, activation } = shape;
  const neurons = neuronsOf(network);
  const isHomogeneous = widths.map((_, layer) => activations[activationOf(shape, layer)].homogeneous);
  const homogeneous = isHomogeneous.includes(true);
  const isOneLayer = widths.length === 1;
  if (shape.normalised) return besideNorm(network, dataset, floor);
  if (shape.slopes) return besideSlopes(network, shape.slopes, dataset, floor);
  if (isOneLayer && parameters.length > mostFormed) {
    const { widths: _, ...rest } = shape;
    const like = { ...rest, hidden: widths[0] };
    return identifiabilityByProducts(like, parameters, neurons, dataset, floor, kernels);
  }
  const problem = problemOf(shape, dataset, kernels);
  const factorise: Kernels['factorise'] = (matrix, n) => kernels.factorise(matrix, n);
  try {
    const beside = activation === 'leaky_relu' ? slopeBeside(network, dataset, kernels) : undefined;
    if (isOneLayer || !homogeneous) {
      const isFree = homogeneous && isOneLayer;
      return identifiabilityOf(problem, parameters, neurons, isFree, floor, [], beside, factorise);
    }
    // with more than one layer scales depend on each other: the largest weight of each neuron stays as it is
    const scaled = neurons.filter((_, i) => isHomogeneous[layerOfNeuron(widths, i)]);
    const fixed = scaled.map(({ row }) =>
      row.reduce((a, b) => (Math.abs(parameters[b]) > Math.abs(parameters[a]) ? b : a)),
    );
    return identifiabilityOf(problem, parameters, neurons, false, floor, fixed, beside, factorise);
  } finally {
    problem.dispose();
  }
}

/** The least-squares problem of a network: one hidden layer has kernels of its own. */
function problemOf(shape: DeepNetwork['shape'], dataset: Dataset, kernels: Kernels): LeastSquares {
  const { widths, ...rest } = shape;
  return widths.length === 1
    ? kernels.shallow({ ...rest, hidden: widths[0] }, dataset)
    : kernels.deep(shape, dataset);
}

/** Difference by which the effect of the slope below zero is measured: the outputs are linear in it, or nearly. */
const slopeStep = 1e-6;

/** The slope of leaky ReLU, which was fitted too: its column of the Jacobian by a difference, Jᵀc by taking c as residuals. */
function slopeBeside(network: DeepNetwork, dataset: Dataset, kernels: Kernels): ParameterBeside {
  const { shape, parameters } = network;
  const ones = new Float64Array(shape.outputs).fill(1);
  const at = (slope: number) =>
    forward(toDeepNetwork({ shape: { ...shape, slope }, parameters }, ones), dataset.inputs, dataset.count);
  const [above, below] = [at(shape.slope + slopeStep), at(shape.slope - slopeStep)];
  const column = above.map((value, i) => (value - below[i]) / (2 * slopeStep));
  const own = at(shape.slope);
  const problem = problemOf(
    shape,
    { ...dataset, outputs: own.map((value, i) => value - column[i]) },
    kernels,
  );
  problem.linearise(parameters);
  const cross = problem.normalVector.slice();
  problem.dispose();
  return { cross, square: column.reduce((sum, value) => sum + value * value, 0) };
}

/** Standard errors in the units of the outputs, whose scales they were divided by. */
function inUnits({ network, standardErrors }: KnownNetwork, { scales, offsets }: Accuracy): Float64Array {
  const { at, columns } = deepBlocks(network.shape).at(-1)!;
  return standardErrors.map((error, i) => {
    const row = Math.floor((i - at) / columns);
    if (i < at || row >= scales.length) return error;
    const isBias = (i - at) % columns === columns - 1;
    // the bias that is handed out is rounded with its offset
    return Math.hypot(error * scales[row], isBias ? ((offsets?.[row] ?? 0) / 2) * Number.EPSILON : 0);
  });
}

/** What the answers show badly, layer by layer: each with the next one's weights as a network with one hidden layer. */
function unseenByLayer(
  { network, standardErrors }: KnownNetwork,
  heldOut: Dataset,
  { deletions, tested, network: descended }: CertifyInput,
  baseline: number,
): Certificate['unseen'] {
  const { slope, widths, normalised } = network.shape;
  const blocks = deepBlocks(network.shape);
  const own = deepBlocks(descended.shape);
  return widths.map((hidden, layer) => {
    const { columns } = blocks[layer];
    const next = blocks[layer + 1];
    const pair = (of: Float64Array) => layerAndNext(network.shape, of, layer);
    const inputs = layer === 0 ? heldOut.inputs : hiddenFeatures(network, heldOut, layer - 1);
    const unseen = findUnseen({
      shape: {
        inputs: columns - 1,
        hidden,
        outputs: next.rows,
        activation: activationOf(network.shape, layer),
        slope,
        skip: false,
      },
      parameters: pair(network.parameters),
      standardErrors: pair(standardErrors),
      samples: { ...heldOut, inputs, inputDimension: columns - 1 },
      tested: tested?.[layer] ?? descended.parameters.slice(own[layer].at, own[layer + 1].at),
      deletions: deletions[layer] ?? [],
      baseline,
    });
    if (!normalised) return unseen;
    return { ...unseen, equivalents: normEquivalents(network.shape.activation) };
  });
}
