import { type DeepNetwork, deepBlocks } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import type { Fitter } from '../optimise/fit.js';
import type { Dataset, Deletion } from '../records.js';
import { leaveOutByLayer } from './delete-by-layer.js';
import { leaveOut } from './leave-out.js';
import { lossOf } from './loss.js';
import {
  descend,
  descendWith,
  isLarge,
  type PolishedDeep,
  polishDeep,
  polishPatiently,
  polishSlope,
  untilMinimum,
} from './polish-deep.js';

/**
 * Neurons too many leave directions in which nothing changes to first order, and hold the last descent back: a network
 * with 18 neurons instead of 7 stalled at 1e-20 of the variance. One that comes so near descends again without them, and
 * once more as long as that brings it down to the share `progress`.
 */
const held = { most: 1e-8, factor: 30, rounds: 4, progress: 0.1 };

/**
 * The last descent of all layers, which may stall above `floor`: then neurons that can be left out at such a loss are,
 * and what remains descends again. `variance` is that of the scaled outputs.
 */
export async function descendToFloor(
  network: DeepNetwork,
  dataset: Dataset,
  { floor, variance }: { readonly floor: number; readonly variance: number },
  fitter: Fitter,
  changes: Parameters<typeof polishSlope>[3] = {},
): Promise<PolishedDeep> {
  let current = await polishSlope(network, dataset, fitter, changes);
  for (let round = 0; round < held.rounds; round++) {
    const { loss } = current;
    if (loss <= floor || !(loss <= held.most * variance)) break;
    current = (await removeSuperfluousDeep(current, dataset, held.factor * loss, fitter)).polished;
    if (current.loss > floor && !isLarge(current.shape)) {
      current = await polishPatiently(current, dataset, fitter);
    }
    current = await polishSlope(current, dataset, fitter, changes);
    if (!(current.loss <= held.progress * loss)) break;
  }
  return current;
}

/**
 * In large networks deletion tests stay inside a layer, and only who leaves less than so many times the tolerance is
 * tried in the whole network.
 */
const worthTrying = 1e6;

/** Longest descent of a deletion test, which starts near the minimum where the neuron is superfluous. */
const deletionTest = { maxIterations: 60, patience: 10, initialDamping: 1e-6 };

/** After each neuron that goes, the others descend briefly; patiently, only after the last of a layer. */
const between = { maxIterations: 20 };

/**
 * Deletion tests, layer by layer (method.md §5): each neuron is left out, what it gave is made up for by the others
 * as far as they can, and all parameters descend; where the loss returns to `tolerance` the neuron was superfluous. In
 * large networks without a skip path only the layer itself descends, and everything where that comes near.
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
    const before = current;
    for (;;) {
      const { rows, columns, at } = deepBlocks(current.shape)[layer];
      if (rows === 1) {
        // without its only neuron a layer gives on a constant
        const incoming = current.parameters.slice(at, at + columns);
        deletions[layer].push({ incoming, lossWithout: varianceOf(dataset), removed: false });
        break;
      }
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
      const smaller = tests[superfluous];
      current = await descendWith({ ...untilMinimum(smaller.shape), ...between }, smaller, dataset, fitter);
    }
    if (current !== before) current = await polishDeep(current, dataset, fitter);
  }
  return { polished: current, deletions };
}

/** Mean squared deviation of the outputs from their means: what a constant leaves. */
function varianceOf({ outputs, count, outputDimension: o }: Dataset): number {
  const means = new Float64Array(o);
  for (const [i, value] of outputs.entries()) means[i % o] += value / count;
  return outputs.reduce((sum, value, i) => sum + (value - means[i % o]) ** 2, 0) / outputs.length;
}

/** The network without each neuron of a layer, descended where that may be needed to find one that is superfluous. */
async function testDeletions(
  network: DeepNetwork,
  layer: number,
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
): Promise<PolishedDeep[]> {
  if (network.shape.skip || !isLarge(network.shape)) {
    const features = hiddenFeatures(network, dataset, layer);
    const starts = Array.from({ length: network.shape.widths[layer] }, (_, j) =>
      leaveOut(network, layer, j, features, dataset.count),
    );
    return descendLikeliest(starts, dataset, tolerance, fitter);
  }
  const left = await leaveOutByLayer(network, layer, dataset, fitter);
  const options = { ...deletionTest, tolerance };
  const tests: PolishedDeep[] = left.map((one) => ({ ...one, loss: lossOf(one, dataset) }));
  for (const [i, test] of tests.entries()) {
    if (!(test.loss <= worthTrying * tolerance)) continue;
    tests[i] = await descendWith(options, test, dataset, fitter);
    if (tests[i].loss <= tolerance) break;
  }
  return tests;
}

/** Deletion tests at a time: with all at once, most of them would be in vain where one neuron after another goes. */
const testsAtOnce = 2;

/** Descents from starts, those of lowest loss first, up to one that returns to the tolerance; the others stay. */
async function descendLikeliest(
  starts: readonly DeepNetwork[],
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
): Promise<PolishedDeep[]> {
  const options = { ...deletionTest, tolerance };
  const descendAll = (networks: readonly DeepNetwork[], maxIterations: number) =>
    fitter.fit(
      networks.map(({ shape, parameters }) =>
        descend(shape, parameters, dataset, { ...options, maxIterations }),
      ),
    );
  const tests: PolishedDeep[] = await descendAll(starts, 0);
  const order = tests.map((_, j) => j).sort((i, j) => tests[i].loss - tests[j].loss || i - j);
  for (let next = 0; next < order.length; next += testsAtOnce) {
    const own = order.slice(next, next + testsAtOnce);
    const descended = await descendAll(
      own.map((j) => starts[j]),
      options.maxIterations,
    );
    own.forEach((j, i) => {
      tests[j] = descended[i];
    });
    if (descended.some(({ loss }) => loss <= tolerance)) break;
  }
  return tests;
}
