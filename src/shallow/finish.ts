import { liftExactly } from '../deep/lift-exactly.js';
import type { Candidate } from '../expand/candidates.js';
import type { Reached } from '../expand/search.js';
import { type ActivationName, activations } from '../network/activations.js';
import { deepShapeOf } from '../network/deep.js';
import {
  joinParameters,
  type ShallowShape,
  shallowParameterCount,
  splitParameters,
} from '../network/shallow.js';
import { isMatrixFree } from '../optimise/fit.js';
import { nameFamily } from '../polish/name-family.js';
import { type PolishedShallow, polish, settle } from '../polish/polish.js';
import type { OutsideFit } from '../polish/refine-outside.js';
import { seeKinks } from '../polish/see-kinks.js';
import type { Attempt, Problem } from '../problem/problem.js';
import type { Collection } from '../query/collect.js';
import { scaleOutputs } from '../query/precision.js';
import { liftIncoming, type Subspace } from '../query/subspace.js';
import { joinClipped } from '../reconstruct/join-clipped.js';
import { type Reconstruction, reconstruct } from '../reconstruct/reconstruct.js';
import { type Oriented, resolveMirrors } from '../reconstruct/resolve-mirrors.js';
import type { Dataset } from '../records.js';
import type { Environment } from '../recovery.js';
import { polishSlopes } from './polish-slopes.js';

/** The smallest network, and its activation: ReLU neurons that are clipped ones in pairs are written as those. */
export async function reconstructFewest(
  incoming: Float64Array,
  { students, dataset, candidate }: Reached,
  wanted: ActivationName | 'auto',
  tolerance: number,
  { fitter, kernels }: Pick<Environment, 'fitter' | 'kernels'>,
): Promise<{ reconstruction: Reconstruction; candidate: Candidate }> {
  const reconstruction = await reconstruct(incoming, students[0], dataset, tolerance, fitter, kernels);
  const mayJoin = wanted === 'auto' || !activations[candidate.trained].homogeneous;
  const joined = mayJoin ? await joinClipped(reconstruction, dataset, tolerance, fitter) : undefined;
  if (joined === undefined) return { reconstruction, candidate };
  const { activation } = joined.shape;
  const isSame = activation === candidate.trained;
  const own = isSame ? candidate : { activation, trained: activation, leaky: false };
  return { reconstruction: joined, candidate: { ...own, ...(joined.shape.skip && { path: true }) } };
}

/** A polished network with what its certificate is measured on. */
export interface LastDescent {
  readonly oriented: Oriented;
  /** Whether the neurons alone do not fit, as they do beside a path from inputs to outputs. */
  readonly wantsPath: boolean;
  /** The network in the whole input space; θ for scaled outputs. */
  readonly whole: PolishedShallow;
  /** The same in the coordinates of its last descent, and the samples of that descent. */
  readonly descended: PolishedShallow;
  readonly dataset: Dataset;
  /** Where the last descent ran inside a subspace: its basis, and the weights measured outside of it. */
  readonly outside?: OutsideFit & { readonly basis: Float64Array };
}

/** What finishing needs to know: the problem, the try, and the spread of the students' queries. */
export interface FinishContext {
  readonly problem: Problem;
  readonly attempt: Attempt;
  readonly spread: number;
}

/** Residuals a parameter for the last descent, and the fewest samples. */
const polishSamples = { perParameter: 4, least: 300, perInput: 4 };

/** With more parameters than this in the whole space, the last descent stays inside the subspace. */
const largestWholeDescent = 600;

/**
 * From the neurons of the reconstruction (m × (k+1)) to final weights: the descent to the minimum, the signs
 * of even + linear activations, the last descent, the way back to the whole input space. Small networks
 * descend there with all their parameters; large ones inside the subspace, and what the subspace's own
 * inaccuracy hides is measured coordinate by coordinate.
 */
export async function finish(
  like: ShallowShape,
  incoming: Float64Array,
  candidate: Candidate,
  context: FinishContext,
): Promise<LastDescent> {
  const { subspace, source, whole, inside } = context.problem;
  const wide = { ...like, inputs: source.inputDimension };
  // what hides outside of a subspace is measured for neurons alone
  if (subspace === undefined || candidate.path || shallowParameterCount(wide) <= largestWholeDescent) {
    const lifted = subspace === undefined ? incoming : liftIncoming(subspace, incoming);
    const { polished, ...found } = await descend(wide, lifted, candidate, whole, context);
    return { ...found, whole: polished, descended: polished };
  }
  const { polished, ...found } = await descend(like, incoming, candidate, inside, context);
  if (polished.shape.skip) return finish(like, incoming, { ...candidate, path: true }, context);
  const outside = await measureOutside(polished, subspace, context);
  const parameters = outside.parameters;
  const shape = { ...polished.shape, inputs: source.inputDimension };
  return {
    ...found,
    whole: { shape, parameters, loss: polished.loss },
    descended: polished,
    outside: { ...outside.fit, basis: subspace.basis },
  };
}

async function descend(
  shape: ShallowShape,
  incoming: Float64Array,
  candidate: Candidate,
  collection: Collection,
  { problem, attempt, spread }: FinishContext,
): Promise<{ oriented: Oriented; wantsPath: boolean; polished: PolishedShallow; dataset: Dataset }> {
  const { source, statistics } = problem;
  const { relativeError } = problem.accuracy;
  const { fitter } = attempt.environment;
  // where several activations describe the same function, `auto` leaves the name to us
  const wanted = attempt.settings.activation;
  // pairs that are given cost nothing, and of images few show what moves a saturated neuron
  const given = source.reach === 0 && isMatrixFree(shape) ? source.available : 0;
  const count = Math.max(
    given,
    polishSamples.least,
    polishSamples.perInput * (shape.inputs + 2),
    Math.ceil((polishSamples.perParameter * shallowParameterCount(shape)) / shape.outputs),
  );
  const near = scaleOutputs(await collection.take(spread, count), statistics.scales);
  const take = async (factor: number) =>
    scaleOutputs(await collection.take(factor * spread, count), statistics.scales);
  // given pairs reach no farther than they do
  const inSight = (
    fitted: PolishedShallow,
    seen: Dataset,
    again: (v: Float64Array, on: Dataset) => Promise<PolishedShallow>,
  ) => (source.reach === 0 ? { polished: fitted, dataset: seen } : seeKinks(fitted, seen, take, again));
  const settled = shape.skip
    ? await inSight(await settle(shape, incoming, near, fitter), near, (vectors, on) =>
        settle(shape, vectors, on, fitter),
      )
    : { polished: { shape, parameters: incoming, loss: Number.POSITIVE_INFINITY }, dataset: near };
  const { activation, leaky } = candidate;
  const oriented = resolveMirrors(settled.polished, activation, leaky, relativeError);
  const isUnexplained = oriented.signs?.kind === 'linear-path';
  const isSlopeFree =
    leaky && (wanted === 'auto' || wanted === 'leaky_relu') && shape.inputs === source.inputDimension;
  const slopes =
    isUnexplained && isSlopeFree
      ? polishSlopes(settled.polished, settled.dataset, slopeTolerance(relativeError))
      : undefined;
  if (slopes !== undefined) return { ...slopes, wantsPath: false, dataset: settled.dataset };
  if (candidate.path || isUnexplained) {
    const { polished, dataset } = settled;
    return { oriented, wantsPath: isUnexplained, polished: named(polished, wanted), dataset };
  }
  const again = (vectors: Float64Array, on: Dataset) =>
    polish(oriented.activation, oriented.slope, vectors, on, fitter);
  const descended = await again(oriented.incoming, settled.dataset);
  const { polished, dataset } = await inSight(descended, settled.dataset, again);
  const beside = settled.polished.loss;
  const wantsPath = shape.skip && polished.loss > misfit * beside;
  return { oriented, wantsPath, polished: named(polished, wanted), dataset };
}

/** The path must be explained by the neurons' slopes to this accuracy; the descent that follows tells the rest. */
const slopeTolerance = (relativeError: number) => Math.max(1e-5, 30 * relativeError);

/** Without a path that is theirs, neurons leave so many times what they leave beside it: both are the floor otherwise. */
const misfit = 100;

/** The network under the name that it goes by in its family. */
function named(polished: PolishedShallow, wanted: ActivationName | 'auto'): PolishedShallow {
  const deep = { shape: deepShapeOf(polished.shape), parameters: polished.parameters };
  const { shape, parameters } = nameFamily(deep, wanted);
  return { ...polished, shape: { ...polished.shape, activation: shape.activation }, parameters };
}

/** A network inside a subspace as one in the whole input space; without a subspace as it is. */
export function liftShallow<T extends Pick<PolishedShallow, 'shape' | 'parameters'>>(
  network: T,
  subspace: Subspace | undefined,
): T {
  if (subspace === undefined) return network;
  const { incoming, outgoing } = splitParameters(network.shape, network.parameters);
  const lifted = liftIncoming(subspace, incoming);
  const parameters = joinParameters(lifted, outgoing);
  return { ...network, shape: { ...network.shape, inputs: subspace.inputDimension }, parameters };
}

async function measureOutside(
  { shape, parameters }: PolishedShallow,
  subspace: Subspace,
  { problem, attempt, spread }: FinishContext,
): Promise<{ fit: OutsideFit; parameters: Float64Array }> {
  const network = { shape: deepShapeOf(shape), parameters };
  const { seed } = attempt.settings;
  const { fit, whole } = await liftExactly(network, subspace, problem, { seed, spread });
  return { fit, parameters: whole.parameters };
}
