import { type ActivationName, activations } from '../network/activations.js';
import type { ShallowNetwork, ShallowShape } from '../network/shallow.js';
import type { Fitter } from '../optimise/fit.js';
import { withOutputWeights } from '../optimise/output-weights.js';
import { type Dataset, samplesOf } from '../records.js';

/** A network with one hidden layer after its last descent; θ for scaled outputs. */
export interface PolishedShallow extends ShallowNetwork {
  readonly loss: number;
}

/** Descents to a minimum: they end when rounding hides every further gain. */
export const toMinimum = {
  maxIterations: 200,
  patience: 8,
  minDecrease: 0.01,
  tolerance: 0,
  initialDamping: 1e-8,
  lastSteps: true,
};

/**
 * Descends to the minimum from incoming vectors (k × (d+1)) and the best output weights for them, in a shape
 * that may have a skip path. Skip paths read signs and slopes as exactly as they are fitted.
 */
export async function settle(
  shape: ShallowShape,
  incoming: Float64Array,
  dataset: Dataset,
  fitter: Fitter,
): Promise<PolishedShallow> {
  const samples = samplesOf(dataset);
  const start = withOutputWeights(shape, normaliseScale(shape, incoming), samples);
  const [fitted] = await fitter.fit([
    { samples, shape, method: { kind: 'descend', start, options: toMinimum } },
  ]);
  return { shape, parameters: fitted.parameters, loss: fitted.loss };
}

/**
 * The last descent (method.md §5): every parameter together, without a skip path, until no step lowers the
 * loss any more. `incoming` is k × (d+1).
 */
export function polish(
  activation: ActivationName,
  slope: number,
  incoming: Float64Array,
  dataset: Dataset,
  fitter: Fitter,
): Promise<PolishedShallow> {
  const inputs = dataset.inputDimension;
  const hidden = incoming.length / (inputs + 1);
  const shape = { inputs, hidden, outputs: dataset.outputDimension, activation, slope, skip: false };
  return settle(shape, incoming, dataset, fitter);
}

/** Where the scale of an incoming vector is free, ‖w̃‖ = 1; otherwise the vectors as they are. */
function normaliseScale(shape: ShallowShape, incoming: Float64Array): Float64Array {
  if (!activations[shape.activation].homogeneous) return incoming;
  const size = shape.inputs + 1;
  const normalised = incoming.slice();
  for (let at = 0; at < normalised.length; at += size) {
    const norm = Math.hypot(...normalised.subarray(at, at + size));
    for (let k = 0; k < size; k++) normalised[at + k] /= norm;
  }
  return normalised;
}
