import type { Kernels } from '../kernels/kernels.js';
import {
  extraColumns,
  type ShallowNetwork,
  type ShallowShape,
  shallowFeatures,
  shallowParameterCount,
  splitParameters,
} from '../network/shallow.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { type FitJob, type Fitted, type Fitter, isMatrixFree } from '../optimise/fit.js';
import { withOutputWeights } from '../optimise/output-weights.js';
import { type Dataset, type Deletion, firstPairs, type Student, samplesOf } from '../records.js';
import { screenDeletions } from './screen-deletions.js';

/** A network with one hidden layer that fits its dataset, and how it became as small as it is. */
export interface Reconstruction extends ShallowNetwork {
  /** Mean squared residual in scaled outputs. */
  readonly loss: number;
  readonly deletions: readonly Deletion[];
}

/** Longest descent of a candidate, and of a deletion test, which starts near the minimum. */
const fineTuning = { maxIterations: 200, patience: 20 };
const deletionTest = { maxIterations: 80, patience: 10 };

/**
 * The same where an iteration takes long: a superfluous neuron's loss falls by orders of magnitude in a few
 * iterations, and one that is taken for needed by mistake leaves JᵀJ singular, which the certificate tells.
 * A test there sees as many samples as determine the network, and who passes it is fitted to all of them.
 */
const wide = {
  parameters: 800,
  effort: { maxIterations: 40, patience: 4, minDecrease: 0.5 },
  perParameter: 4,
  perInput: 8,
};

/**
 * From one incoming vector a cluster (k × (d+1)) to the smallest network that still fits (method.md §5):
 * output weights by least squares, all parameters fine-tuned, then deletion tests, least contribution first.
 * Where the clusters miss a neuron, so that the loss does not return to `tolerance`, all neurons of the best
 * student take their place. With `kernels`, wide networks are screened instead of tried neuron by neuron.
 */
export async function reconstruct(
  incoming: Float64Array,
  best: Student,
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
  kernels?: Kernels,
): Promise<Reconstruction> {
  const shape = { ...best.shape, hidden: incoming.length / (best.shape.inputs + 1) };
  const [tuned] = await fitter.fit([fineTune(shape, incoming, dataset, { ...fineTuning, tolerance })]);
  if (tuned.loss <= tolerance) return removeSuperfluous(tuned, dataset, tolerance, fitter, kernels);
  const own = splitParameters(best.shape, best.parameters).incoming;
  return reconstructFrom(best.shape, own, dataset, tolerance, fitter, kernels);
}

/** The smallest network that still fits from given incoming vectors (k × (d+1)) on, whatever its loss. */
export async function reconstructFrom(
  shape: ShallowShape,
  incoming: Float64Array,
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
  kernels?: Kernels,
): Promise<Reconstruction> {
  const [whole] = await fitter.fit([fineTune(shape, incoming, dataset, { ...fineTuning, tolerance })]);
  return removeSuperfluous(whole, dataset, tolerance, fitter, kernels);
}

/**
 * Deletion tests: drops each neuron in turn, least contribution first, and re-fits the others; where the
 * loss returns to `tolerance` the neuron was superfluous. Repeats until every neuron is needed. A batch
 * of tests runs at once; of those that succeed the first is taken, so the result does not depend on timing.
 */
async function removeSuperfluous(
  start: Fitted,
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
  kernels?: Kernels,
): Promise<Reconstruction> {
  let current = start;
  const removed: Deletion[] = [];
  for (;;) {
    const { shape } = current;
    const { incoming } = splitParameters(shape, current.parameters);
    const size = shape.inputs + 1;
    if (shape.hidden === 1) {
      const lossWithout = lossWithoutNeurons(shape, dataset);
      const last = { incoming: incoming.slice(), lossWithout, removed: false };
      return { ...summarise(current), deletions: [...removed, last] };
    }
    const isScreened = current.parameters.length > screenedAbove && current.loss <= tolerance;
    const screening =
      kernels !== undefined && isScreened ? screenDeletions(current, dataset, tolerance, kernels) : undefined;
    const every = byContribution(current, dataset);
    const suspects = every.filter((j) => screening === undefined || screening.suspects.includes(j));
    const isTold = screening === undefined || screening.lossWithout.every(Number.isFinite);
    const order = isTold || !isMatrixFree(shape) ? suspects : suspects.slice(0, mostUntold);
    const smaller = { ...shape, hidden: shape.hidden - 1 };
    const starts = order.map((j) => without(incoming, j, size));
    const tests = await testDeletions(smaller, starts, dataset, tolerance, fitter);
    const superfluous = tests.findIndex((test) => test.loss <= tolerance);
    const vectorOf = (j: number) => incoming.slice(j * size, (j + 1) * size);
    if (superfluous < 0) {
      const needed = every.flatMap((j): Deletion[] => {
        const test = tests[order.indexOf(j)];
        if (test !== undefined) return [{ incoming: vectorOf(j), lossWithout: test.loss, removed: false }];
        const lossWithout = screening?.lossWithout[j] ?? Number.NaN;
        // who was neither tried nor screened is not shown to be needed
        if (Number.isNaN(lossWithout)) return [];
        return [{ incoming: vectorOf(j), lossWithout, removed: false, isEstimated: true }];
      });
      return { ...summarise(current), deletions: [...removed, ...needed] };
    }
    const test = tests[superfluous];
    removed.push({ incoming: vectorOf(order[superfluous]), lossWithout: test.loss, removed: true });
    current = test;
  }
}

/**
 * Networks of more parameters are screened: 32 tests of tanh 784-32-10, with 1,386 inside its row space, took half of the
 * 23 seconds of its recovery, and left a trillion times the floor each.
 */
const screenedAbove = 800;

/** Where a screening did not tell which neurons of a wide network are needed, so many of them are tried. */
const mostUntold = 16;

/** So many deletions are tested at once, whatever the number of threads: superfluous neurons are among the first. */
const batch = 8;

/** Re-fits the network to `starts` (incoming vectors) in their order, up to the batch in which one succeeds. */
async function testDeletions(
  shape: ShallowShape,
  starts: readonly Float64Array[],
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
): Promise<Fitted[]> {
  const p = shallowParameterCount(shape);
  const isWide = p > wide.parameters;
  const effort = { ...(isWide ? wide.effort : deletionTest), tolerance };
  const determining = Math.ceil((wide.perParameter * p) / shape.outputs);
  const count = Math.max(determining, wide.perInput * (shape.inputs + 1));
  const samples = isWide && count < dataset.count ? firstPairs(dataset, count) : dataset;
  const tests: Fitted[] = [];
  while (tests.length < starts.length) {
    const tried = starts.slice(tests.length, tests.length + batch);
    const fitted = await fitter.fit(tried.map((start) => fineTune(shape, start, samples, effort)));
    for (const [i, { loss, parameters }] of fitted.entries()) {
      if (loss > tolerance) continue;
      if (samples === dataset) return [...tests, ...fitted];
      const { incoming } = splitParameters(shape, parameters);
      [fitted[i]] = await fitter.fit([fineTune(shape, incoming, dataset, { ...deletionTest, tolerance })]);
      if (fitted[i].loss <= tolerance) return [...tests, ...fitted.slice(0, i + 1)];
    }
    tests.push(...fitted);
  }
  return tests;
}

/** Loss of what the output layer can do without any hidden neuron. */
function lossWithoutNeurons(shape: ShallowShape, dataset: Dataset): number {
  const empty = { ...shape, hidden: 0 };
  const features = shallowFeatures(empty, new Float64Array(0), dataset.inputs, dataset.count);
  const columns = extraColumns(empty);
  return solveLeastSquares(features, dataset.outputs, dataset.count, columns, shape.outputs).loss;
}

function summarise({
  shape,
  parameters,
  loss,
}: Fitted): Pick<Reconstruction, 'shape' | 'parameters' | 'loss'> {
  return { shape, parameters, loss };
}

/** The job that fits the best output weights to the given neurons and lets every parameter descend. */
function fineTune(
  shape: ShallowShape,
  incoming: Float64Array,
  dataset: Dataset,
  options: { maxIterations: number; patience: number; tolerance: number; minDecrease?: number },
): FitJob {
  const samples = samplesOf(dataset);
  const start = withOutputWeights(shape, incoming, samples);
  return {
    samples,
    shape,
    method: { kind: 'descend', start, options: { ...options, initialDamping: 1e-6 } },
  };
}

function without(incoming: Float64Array, neuron: number, size: number): Float64Array {
  const kept = new Float64Array(incoming.length - size);
  kept.set(incoming.subarray(0, neuron * size));
  kept.set(incoming.subarray((neuron + 1) * size), neuron * size);
  return kept;
}

/** Neurons ordered by what leaving each out costs while the others keep their incoming vectors. */
function byContribution(fitted: Fitted, dataset: Dataset): number[] {
  const { shape } = fitted;
  const { incoming } = splitParameters(shape, fitted.parameters);
  const columns = shape.hidden + extraColumns(shape);
  const features = shallowFeatures(shape, incoming, dataset.inputs, dataset.count);
  const fit = solveLeastSquares(features, dataset.outputs, dataset.count, columns, shape.outputs);
  const cost = Array.from({ length: shape.hidden }, (_, j) => {
    let weight = 0;
    for (let k = 0; k < shape.outputs; k++) weight += fit.coefficients[j * shape.outputs + k] ** 2;
    return weight * fit.unexplained[j];
  });
  return cost.map((_, j) => j).sort((a, b) => cost[a] - cost[b]);
}
