import type { Candidate } from '../expand/candidates.js';
import { activationOf, type DeepNetwork, deepBlocks } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { headOf } from '../network/families.js';
import { activationsOf } from '../network/layer-names.js';
import { descentFrom, type FitJob, type FitShape, type Fitter } from '../optimise/fit.js';
import type { LevenbergMarquardtOptions } from '../optimise/levenberg-marquardt.js';
import { descend, isLarge } from '../polish/polish-deep.js';
import { type Dataset, samplesOf } from '../records.js';

/**
 * A rival's descent from the weights that were found: all a few iterations, and those that came lowest as many as it may
 * take. Where a rival can be as good at all it falls at once; iterations take long in large networks.
 */
const short = { patience: 6, minDecrease: 0.05, initialDamping: 1e-4 };
const iterations = { first: 6, last: 25, largest: 10 };
const goOn = 2;

/**
 * Whether other activations do as well in a network with several hidden layers (method.md §9): each
 * takes the place of the one that was found in all layers, and in the last one alone, behind the others as they are;
 * large networks are tried in the last layer only. Returns those that come down to `tolerance`.
 */
export async function testDeepRivals(
  rivals: readonly Candidate[],
  network: DeepNetwork,
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
): Promise<Candidate[]> {
  const isSlow = isLarge(network.shape);
  const last = { ...short, tolerance, maxIterations: isSlow ? iterations.largest : iterations.last };
  const behind = lastLayer(network, dataset);
  const inLastLayer = (rival: Candidate, start: Float64Array | undefined, options: Descent) => {
    const shape = { ...behind.shape, activation: rival.trained };
    const samples = samplesOf(behind.samples);
    return start === undefined
      ? descentFrom(shape, behind.incoming, samples, options)
      : { samples, shape, method: { kind: 'descend', start, options } as const };
  };
  const inAllLayers = (rival: Candidate, start = network.parameters, options: Descent) =>
    descend({ ...network.shape, activation: rival.trained, slope: 0 }, start, dataset, options);
  // a layer whose sums are normalised is no network of its own
  const { normalised } = network.shape;
  const equal = normalised ? [] : await race(rivals, inLastLayer, last, fitter);
  if (isSlow && !normalised) return equal;
  const others = rivals.filter((rival) => !equal.includes(rival));
  const alsoEqual = await race(others, inAllLayers, last, fitter);
  return rivals.filter((rival) => equal.includes(rival) || alsoEqual.includes(rival));
}

/**
 * The same in a network whose layers have activations of their own: each rival takes the place of the one that was found
 * in every layer by itself. Returns those that come down to `tolerance` in some layer.
 */
export async function testMixedRivals(
  rivals: readonly Candidate[],
  network: DeepNetwork,
  dataset: Dataset,
  tolerance: number,
  fitter: Fitter,
): Promise<Candidate[]> {
  const options = { ...short, tolerance, maxIterations: iterations.last };
  const { shape } = network;
  const equal = new Set<Candidate>();
  for (const layer of shape.widths.keys()) {
    const own = headOf(activationOf(shape, layer));
    const others = rivals.filter(({ trained }) => headOf(trained) !== own);
    const inLayer = (rival: Candidate, start = network.parameters, effort: Descent) => {
      const names = shape.widths.map((_, l) => (l === layer ? rival.trained : activationOf(shape, l)));
      const { activations: _, ...bare } = shape;
      return descend({ ...bare, ...activationsOf(names) }, start, dataset, effort);
    };
    for (const rival of await race(others, inLayer, options, fitter)) equal.add(rival);
  }
  return rivals.filter((rival) => equal.has(rival));
}

/** Options of a rival's descent. */
type Descent = Partial<LevenbergMarquardtOptions> & {
  readonly maxIterations: number;
  readonly tolerance: number;
};

/** Those of the rivals that come down to the tolerance: a few iterations for all, the rest for the lowest. */
async function race<Shape extends FitShape>(
  rivals: readonly Candidate[],
  jobFor: (rival: Candidate, start: Float64Array | undefined, options: Descent) => FitJob<Shape>,
  options: Descent,
  fitter: Fitter,
): Promise<Candidate[]> {
  const first = { ...options, maxIterations: Math.min(iterations.first, options.maxIterations) };
  const begun = await fitter.fit(rivals.map((rival) => jobFor(rival, undefined, first)));
  const order = rivals.map((_, i) => i).sort((a, b) => begun[a].loss - begun[b].loss);
  const lowest = order.slice(0, goOn).filter((i) => begun[i].loss > options.tolerance);
  const ended = await fitter.fit(lowest.map((i) => jobFor(rivals[i], begun[i].parameters, options)));
  return rivals.filter((_, i) => (ended[lowest.indexOf(i)] ?? begun[i]).loss <= options.tolerance);
}

/** The last hidden layer as a network of its own, with the samples as it sees them. */
function lastLayer(network: DeepNetwork, dataset: Dataset) {
  const { widths, outputs } = network.shape;
  const layer = widths.length - 1;
  const { at, rows, columns } = deepBlocks(network.shape)[layer];
  const inputs = columns - 1;
  return {
    shape: { inputs, hidden: rows, outputs, slope: 0, skip: network.shape.skip },
    incoming: network.parameters.slice(at, at + rows * columns),
    samples: { ...dataset, inputs: hiddenFeatures(network, dataset, layer - 1), inputDimension: inputs },
  };
}
