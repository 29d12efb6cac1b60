import type { Candidate } from '../expand/candidates.js';
import { type DeepNetwork, deepBlocks } from '../network/deep.js';
import { hiddenFeatures } from '../network/deep-features.js';
import { descentFrom, type Fitter } from '../optimise/fit.js';
import { descend, isLarge } from '../polish/polish-deep.js';
import { type Dataset, samplesOf } from '../records.js';

/**
 * A rival's descent from the weights that were found. Where it can be as good at all it falls at once; in 60 tries none
 * that was above 1e-3 of the variance after 25 iterations came down later.
 */
const short = { maxIterations: 25, patience: 6, minDecrease: 0.05, initialDamping: 1e-4 };

/** Iterations take long in large networks: there a rival has fewer. */
const shorter = { ...short, maxIterations: 10, patience: 3 };

/**
 * Whether other activations do as well in a network with several hidden layers and no skip path (method.md §9): each
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
  const options = { ...(isSlow ? shorter : short), tolerance };
  const last = await fitter.fit(
    rivals.map(({ trained }) => {
      const { shape, incoming, behind } = lastLayer(network, dataset);
      return descentFrom({ ...shape, activation: trained }, incoming, samplesOf(behind), options);
    }),
  );
  const whole = isSlow
    ? []
    : await fitter.fit(
        rivals.map(({ trained }) =>
          descend({ ...network.shape, activation: trained, slope: 0 }, network.parameters, dataset, options),
        ),
      );
  return rivals.filter((_, i) => last[i].loss <= tolerance || whole[i]?.loss <= tolerance);
}

/** The last hidden layer as a network of its own, with the samples as it sees them. */
function lastLayer(network: DeepNetwork, dataset: Dataset) {
  const { widths, outputs } = network.shape;
  const layer = widths.length - 1;
  const { at, rows, columns } = deepBlocks(network.shape)[layer];
  const inputs = columns - 1;
  return {
    shape: { inputs, hidden: rows, outputs, slope: 0, skip: false },
    incoming: network.parameters.slice(at, at + rows * columns),
    behind: { ...dataset, inputs: hiddenFeatures(network, dataset, layer - 1), inputDimension: inputs },
  };
}
