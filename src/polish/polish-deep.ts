import { type DeepNetwork, type DeepShape, deepParameterCount } from '../network/deep.js';
import type { FitJob, Fitter } from '../optimise/fit.js';
import type { LevenbergMarquardtOptions } from '../optimise/levenberg-marquardt.js';
import { type Dataset, samplesOf } from '../records.js';
import { toMinimum } from './polish.js';

/** A network of any depth after its last descent, for scaled outputs. */
export interface PolishedDeep extends DeepNetwork {
  readonly loss: number;
}

/**
 * Residuals a parameter for the last descent, and the fewest samples. A deep ReLU neuron may be active at 3 % of the
 * queries: with 4 residuals a parameter one had fewer active samples than weights.
 */
const polishSamples = { perParameter: 12, least: 600 };

/**
 * In networks of more parameters an iteration takes long: fewer samples, and a descent that ends when the loss no
 * longer halves.
 */
const largest = { parameters: 800, perParameter: 4, descent: { patience: 2, minDecrease: 0.3 } };

/** Whether an iteration of a network's descent takes long. */
export const isLarge = (shape: DeepShape) => deepParameterCount(shape) > largest.parameters;

/** Options of a descent that ends where no step lowers the loss any more. */
export const untilMinimum = (shape: DeepShape) =>
  isLarge(shape) ? { ...toMinimum, ...largest.descent } : toMinimum;

/** Samples that the last descent of a network wants. */
export function samplesForPolish(shape: DeepShape): number {
  const p = deepParameterCount(shape);
  const usual = polishSamples.perParameter * Math.min(p, largest.parameters);
  const residuals = Math.max(usual, largest.perParameter * p);
  return Math.max(polishSamples.least, Math.ceil(residuals / shape.outputs));
}

/** The last descent of all layers together (method.md §7): until no step lowers the loss any more. */
export async function polishDeep(
  network: DeepNetwork,
  dataset: Dataset,
  fitter: Fitter,
): Promise<PolishedDeep> {
  return descendWith(untilMinimum(network.shape), network, dataset, fitter);
}

/** Deep sigmoid networks are nearly linear, and their JᵀJ ill-conditioned: they fall slowly, and then at once. */
const patient = { maxIterations: 2000, patience: 150, minDecrease: 0.1 };

/** A descent that gives up late, for small networks. */
export async function polishPatiently(
  network: DeepNetwork,
  dataset: Dataset,
  fitter: Fitter,
): Promise<PolishedDeep> {
  return descendWith({ ...untilMinimum(network.shape), ...patient }, network, dataset, fitter);
}

/**
 * Changes of the slope by which its effect on the loss is measured, one after another: each narrows the slope down to
 * about a thousandth of the change, as descents end within a thousandth of their minimum.
 */
const slopeSteps = [1e-6, 1e-8, 1e-10, 1e-12];

/**
 * The last descent with the slope of leaky ReLU let free too: the loss that is left is a parabola of the slope,
 * whose vertex three descents show. Other activations have none. `steps` are other changes than the usual ones.
 */
export async function polishSlope(
  network: DeepNetwork,
  dataset: Dataset,
  fitter: Fitter,
  changes: Partial<LevenbergMarquardtOptions> = {},
  steps: readonly number[] = slopeSteps,
): Promise<PolishedDeep> {
  const options = { ...untilMinimum(network.shape), ...changes };
  let best = await descendWith(options, network, dataset, fitter);
  if (network.shape.activation !== 'leaky_relu') return best;
  const at = (slope: number) =>
    descendWith(options, { ...best, shape: { ...best.shape, slope } }, dataset, fitter);
  for (const step of steps) {
    const { slope } = best.shape;
    const { loss: below } = await at(slope - step);
    const { loss: above } = await at(slope + step);
    const curvature = above + below - 2 * best.loss;
    if (!(curvature > 0)) break;
    const vertex = await at(slope - (step * (above - below)) / (2 * curvature));
    if (vertex.loss < best.loss) best = vertex;
  }
  return best;
}

/** One descent of a whole network. */
export async function descendWith(
  options: Partial<LevenbergMarquardtOptions>,
  { shape, parameters: start }: DeepNetwork,
  dataset: Dataset,
  fitter: Fitter,
): Promise<PolishedDeep> {
  const [{ parameters, loss }] = await fitter.fit([descend(shape, start, dataset, options)]);
  return { shape, parameters, loss };
}

/** The job of a descent of a whole network. */
export function descend(
  shape: DeepShape,
  start: Float64Array,
  dataset: Dataset,
  options: Partial<LevenbergMarquardtOptions>,
): FitJob<DeepShape> {
  const samples = samplesOf(dataset);
  return { samples, shape, method: { kind: 'descend', start, options } };
}
