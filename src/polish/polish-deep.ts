import {
  type DeepNetwork,
  type DeepShape,
  deepBlocks,
  deepParameterCount,
  toDeepNetwork,
} from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { forward } from '../network/forward.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import type { FitJob, Fitter } from '../optimise/fit.js';
import type { LevenbergMarquardtOptions } from '../optimise/levenberg-marquardt.js';
import { type Dataset, type Deletion, samplesOf } from '../records.js';
import { leaveOutByLayer } from './delete-by-layer.js';
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
 * In networks of more parameters an iteration takes long: fewer samples, a descent that ends when the loss no longer
 * halves, and deletion tests that stay inside a layer, where only who leaves less than so many times the tolerance is
 * tried in the whole network.
 */
const largest = {
  parameters: 800,
  perParameter: 4,
  descent: { patience: 2, minDecrease: 0.3 },
  worthTrying: 1e6,
};

/** Samples that the last descent of a network wants. */
export function samplesForPolish(shape: DeepShape): number {
  const p = deepParameterCount(shape);
  const usual = polishSamples.perParameter * Math.min(p, largest.parameters);
  const residuals = Math.max(usual, largest.perParameter * p);
  return Math.max(polishSamples.least, Math.ceil(residuals / shape.outputs));
}

/** The last descent of all layers together (method.md §7): until no step lowers the loss any more. */
export async function polishDeep(
  { shape, parameters }: DeepNetwork,
  dataset: Dataset,
  fitter: Fitter,
): Promise<PolishedDeep> {
  const isLarge = deepParameterCount(shape) > largest.parameters;
  const options = isLarge ? { ...toMinimum, ...largest.descent } : toMinimum;
  const [fitted] = await fitter.fit([descend(shape, parameters, dataset, options)]);
  return { shape, parameters: fitted.parameters, loss: fitted.loss };
}

/**
 * Changes of the slope by which its effect on the loss is measured, one after another: each narrows the slope down to
 * about a thousandth of the change, as descents end within a thousandth of their minimum.
 */
const slopeSteps = [1e-6, 1e-8, 1e-10, 1e-12];

/**
 * The last descent with the slope of leaky ReLU let free too: the loss that is left is a parabola of the slope,
 * whose vertex three descents show. Other activations have none.
 */
export async function polishSlope(
  network: DeepNetwork,
  dataset: Dataset,
  fitter: Fitter,
): Promise<PolishedDeep> {
  let best = await polishDeep(network, dataset, fitter);
  if (network.shape.activation !== 'leaky_relu') return best;
  const at = (slope: number) => polishDeep({ ...best, shape: { ...best.shape, slope } }, dataset, fitter);
  for (const step of slopeSteps) {
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

/**
 * Neurons too many leave directions in which nothing changes to first order, and hold the last descent back: a network
 * with 18 neurons instead of 7 stalled at 1e-20 of the variance. One that comes so near descends again without them.
 */
const held = { most: 1e-8, factor: 30 };

/**
 * The last descent of all layers, which may stall above `floor`: then neurons that can be left out at such a loss are,
 * and what remains descends again. `variance` is that of the scaled outputs.
 */
export async function descendToFloor(
  network: DeepNetwork,
  dataset: Dataset,
  { floor, variance }: { readonly floor: number; readonly variance: number },
  fitter: Fitter,
): Promise<PolishedDeep> {
  const first = await polishSlope(network, dataset, fitter);
  if (first.loss <= floor || !(first.loss <= held.most * variance)) return first;
  const { polished } = await removeSuperfluousDeep(first, dataset, held.factor * first.loss, fitter);
  return polishSlope(polished, dataset, fitter);
}

/** Longest descent of a deletion test, which starts near the minimum where the neuron is superfluous. */
const deletionTest = { maxIterations: 60, patience: 10, initialDamping: 1e-6 };

/**
 * Deletion tests, layer by layer (method.md §5): each neuron is left out, what it gave is made up for by the others
 * as far as they can, and all parameters descend; where the loss returns to `tolerance` the neuron was superfluous. In
 * large networks only the layer itself descends, and everything where that comes near.
 */
export async function removeSuperfluousDeep(
  start: PolishedDeep,
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
): Promise<{ polished: PolishedDeep; deletions: readonly (readonly Deletion[])[] }> {
  let current = start;
  const deletions: Deletion[][] = start.shape.widths.map(() => []);
  for (let layer = 0; layer < start.shape.widths.length; layer++) {
    for (;;) {
      const { rows, columns, at } = deepBlocks(current.shape)[layer];
      if (rows === 1) break;
      const tests = await testDeletions(current, layer, dataset, tolerance, fitter);
      const superfluous = tests.findIndex((test) => test.loss <= tolerance);
      const records = tests.map(
        (test, j): Deletion => ({
          incoming: current.parameters.slice(at + j * columns, at + (j + 1) * columns),
          lossWithout: test.loss,
          removed: j === superfluous,
        }),
      );
      if (superfluous < 0) {
        deletions[layer].push(...records);
        break;
      }
      deletions[layer].push(records[superfluous]);
      const { shape, parameters } = tests[superfluous];
      current = await polishDeep({ shape, parameters }, dataset, fitter);
    }
  }
  return { polished: current, deletions };
}

/** Descents of the network without each neuron of a layer in turn. */
async function testDeletions(
  network: DeepNetwork,
  layer: number,
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
): Promise<PolishedDeep[]> {
  const options = { ...deletionTest, tolerance };
  if (deepParameterCount(network.shape) <= largest.parameters) {
    const features = hiddenFeatures(network, dataset, layer);
    const starts = Array.from({ length: network.shape.widths[layer] }, (_, j) =>
      without(network, layer, j, features, dataset.count),
    );
    return fitter.fit(starts.map(({ shape, parameters }) => descend(shape, parameters, dataset, options)));
  }
  const left = await leaveOutByLayer(network, layer, dataset, fitter);
  const tests: PolishedDeep[] = left.map((one) => ({ ...one, loss: lossOf(one, dataset) }));
  for (const [i, { shape, parameters, loss }] of tests.entries()) {
    if (!(loss <= largest.worthTrying * tolerance)) continue;
    [tests[i]] = await fitter.fit([descend(shape, parameters, dataset, options)]);
    if (tests[i].loss <= tolerance) break;
  }
  return tests;
}

/** Mean squared residual of a network without a skip path. */
function lossOf(network: DeepNetwork, { inputs, outputs, count, outputDimension }: Dataset): number {
  const ones = new Float64Array(outputDimension).fill(1);
  const answers = forward(toDeepNetwork(network, ones), inputs, count);
  return answers.reduce((sum, answer, i) => sum + (answer - outputs[i]) ** 2, 0) / answers.length;
}

function descend(
  shape: DeepShape,
  start: Float64Array,
  dataset: Dataset,
  options: Partial<LevenbergMarquardtOptions>,
): FitJob<DeepShape> {
  const samples = samplesOf(dataset);
  return { samples, shape, method: { kind: 'descend', start, options } };
}

/** The network without a neuron of a layer; the next layer sees the best stand-in of the others, and a constant. */
function without(
  { shape, parameters }: DeepNetwork,
  layer: number,
  neuron: number,
  features: Float64Array,
  count: number,
): DeepNetwork {
  const width = shape.widths[layer];
  const others = new Float64Array(count * width);
  const own = new Float64Array(count);
  for (let n = 0; n < count; n++) {
    let to = n * width;
    for (let k = 0; k < width; k++) if (k !== neuron) others[to++] = features[n * width + k];
    others[to] = 1;
    own[n] = features[n * width + neuron];
  }
  const { coefficients } = solveLeastSquares(others, own, count, width, 1, 1e-10);
  const blocks = deepBlocks(shape);
  const kept: number[] = [];
  blocks.forEach(({ at, rows, columns }, index) => {
    for (let j = 0; j < rows; j++) {
      if (index === layer && j === neuron) continue;
      const row = parameters.subarray(at + j * columns, at + (j + 1) * columns);
      if (index !== layer + 1) {
        kept.push(...row);
        continue;
      }
      // columns: the layer's neurons, then the bias, in the order of the stand-in's coefficients
      const rest = [...row].filter((_, k) => k !== neuron);
      kept.push(...rest.map((value, k) => value + row[neuron] * coefficients[k]));
    }
  });
  const widths = shape.widths.map((value, index) => (index === layer ? value - 1 : value));
  return { shape: { ...shape, widths }, parameters: Float64Array.from(kept) };
}
