import { copyLayers, unwindLayer } from '../compare/compare-canonical.js';
import { activations } from '../network/activations.js';
import type { Network } from '../records.js';
import { alignTruth } from './certainty/align-truth.js';
import { flattenNetwork } from './certainty/error-bound.js';

/** How the true errors of recovered weights compare with their standard errors: z is one over the other. */
export interface Calibration {
  /** Number of weights and biases. */
  readonly weights: number;
  /** Share of them whose error is within 3 standard errors. */
  readonly shareWithin3: number;
  /** Root mean square of z: 1 when the standard errors are right, less when they are too wide. */
  readonly rmsZ: number;
  readonly largestZ: number;
}

/** An error within this many standard errors is what a standard error promises. */
const promised = 3;

/**
 * Measures the standard errors of a recovered network with one hidden layer against the truth, which is
 * brought into the recovered network's order, signs and scales first. `standardErrors` are laid out as the
 * certificate has them: hidden rows with their bias last, then output rows with their bias last. Null where
 * a neuron has no counterpart or there are no standard errors.
 */
export function calibrate(
  recovered: Network,
  standardErrors: Float64Array,
  truth: Network,
): Calibration | null {
  const own = unwind(recovered);
  const expected = own.layers.length === 2 ? alignTruth(own, unwind(truth)).truth : null;
  if (expected === null || !standardErrors.every((error) => error > 0)) return null;
  const known = flattenNetwork(expected);
  const z = flattenNetwork(own).map((value, i) => Math.abs(value - known[i]) / standardErrors[i]);
  return {
    weights: z.length,
    shareWithin3: z.filter((value) => value <= promised).length / z.length,
    rmsZ: Math.hypot(...z) / Math.sqrt(z.length),
    largestZ: Math.max(...z),
  };
}

/** A network whose neurons with a periodic activation are in one form of those that equal them; others as they are. */
function unwind(network: Network): Network {
  const { halfPeriod } = activations[network.activation];
  if (halfPeriod === null) return network;
  const layers = copyLayers(network);
  const columns = Array.from({ length: layers[0].inputs }, (_, k) => k);
  unwindLayer(layers, 0, columns, halfPeriod);
  return { ...network, layers };
}

/** Several calibrations as one, every weight counting the same; null where there are none. */
export function poolCalibrations(all: readonly Calibration[]): Calibration | null {
  if (all.length === 0) return null;
  const weights = all.reduce((sum, one) => sum + one.weights, 0);
  const mean = (of: (one: Calibration) => number) =>
    all.reduce((sum, one) => sum + of(one) * one.weights, 0) / weights;
  return {
    weights,
    shareWithin3: mean((one) => one.shareWithin3),
    rmsZ: Math.sqrt(mean((one) => one.rmsZ ** 2)),
    largestZ: Math.max(...all.map((one) => one.largestZ)),
  };
}
