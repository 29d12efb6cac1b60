import { randomStream } from '../base/random.js';
import type { ActivationName } from '../network/activations.js';
import { forward } from '../network/forward.js';
import type { Layer, Network } from '../records.js';
import { suiteLeakySlope } from './synthetic.js';

/** One problem of the deep suite. */
export interface DeepProblem {
  readonly activation: ActivationName;
  /** Hidden layers. */
  readonly depth: number;
  readonly seed: number;
}

/** Depths of the suite. */
export const deepSuiteDepths: readonly number[] = [2, 3];

/** Problems of every depth. */
export const deepSuiteProblems = 20;

/** Ranges of the suite's targets. */
const inputs = [4, 10] as const;
const widths = [4, 8] as const;
const outputs = [1, 2] as const;

/** The problems of the frozen deep suite; `seed` shifts all of them, so that others can draw fresh ones. */
export function deepProblems(
  activation: ActivationName,
  seed: number,
  depths: readonly number[] = deepSuiteDepths,
  count: number = deepSuiteProblems,
): DeepProblem[] {
  return depths.flatMap((depth) =>
    Array.from({ length: count }, (_, i) => ({ activation, depth, seed: seed + i })),
  );
}

/**
 * The target of a problem, the same for every machine and version. Numbers of inputs, widths and outputs are uniform
 * in their ranges; directions of hidden neurons uniform, norms uniform in [1.5, 2.5], and every hyperplane runs
 * through what its layer sees of a standard-normal query (0.8 of one, in the first layer). Output weights likewise,
 * output biases uniform in ±0.5.
 */
export function deepTarget({ activation, depth, seed }: DeepProblem): Network {
  const random = randomStream('deep suite 1', depth, seed);
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const integer = ([low, high]: readonly [number, number]) => low + random.integer(high - low + 1);
  const slope = activation === 'leaky_relu' ? suiteLeakySlope : 0;
  const d = integer(inputs);
  const hidden = Array.from({ length: depth }, () => integer(widths));
  const layers: Layer[] = [];
  let seen = d;
  for (const width of [...hidden, integer(outputs)]) {
    const weights = new Float64Array(width * seen);
    const biases = new Float64Array(width);
    for (let j = 0; j < width; j++) {
      const direction = Array.from({ length: seen }, () => random.normal());
      const factor = between(1.5, 2.5) / Math.hypot(...direction);
      direction.forEach((value, k) => {
        weights[j * seen + k] = factor * value;
      });
    }
    const layer = { inputs: seen, outputs: width, weights, biases };
    for (let j = 0; j < width; j++) {
      if (layers.length === depth) biases[j] = between(-0.5, 0.5);
      else {
        const query = Float64Array.from({ length: d }, () => random.normal());
        const z = forward({ activation, slope, layers: [...layers, layer] }, query, 1)[j];
        biases[j] -= layers.length === 0 ? 0.8 * z : z;
      }
    }
    layers.push(layer);
    seen = width;
  }
  return { activation, slope, layers };
}
