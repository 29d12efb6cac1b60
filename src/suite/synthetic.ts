import { randomStream } from '../base/random.js';
import type { ActivationName } from '../network/activations.js';
import { forward } from '../network/forward.js';
import type { Target } from '../query/oracle.js';
import type { Network } from '../records.js';

/** How the hidden hyperplanes of a synthetic target lie. */
export type Family = 'generic' | 'parallel';

/** The families by name. */
export const families: readonly Family[] = ['generic', 'parallel'];

/** One problem of the synthetic suite. */
export interface SyntheticProblem {
  readonly family: Family;
  readonly activation: ActivationName;
  /** d */
  readonly inputs: number;
  /** r */
  readonly hidden: number;
  readonly seed: number;
}

/** The cells of a suite, d × r, and how many problems each of them has. */
export interface SuiteCells {
  readonly inputs: readonly number[];
  readonly hidden: readonly number[];
  readonly perCell: number;
}

/** The cells of the whole suite: 150 problems. */
export const suiteCells: SuiteCells = { inputs: [2, 4, 8, 16, 32], hidden: [2, 4, 8], perCell: 10 };

/** Slope below zero of the suite's leaky ReLU targets. */
export const suiteLeakySlope = 0.1;

/**
 * The problems of the frozen suite, or of some of its cells, one output each. `seed` shifts all problem seeds,
 * so that others can draw fresh problems.
 */
export function syntheticProblems(
  activation: ActivationName,
  family: Family,
  seed: number,
  cells: SuiteCells = suiteCells,
): SyntheticProblem[] {
  return cells.inputs.flatMap((inputs) =>
    cells.hidden.flatMap((hidden) =>
      Array.from({ length: cells.perCell }, (_, i) => ({
        family,
        activation,
        inputs,
        hidden,
        seed: seed + i,
      })),
    ),
  );
}

/**
 * The target of a problem, the same for every machine and version. Generic: directions uniform, norms uniform
 * in [1.5, 2.5], biases uniform in ±0.8 norms. Parallel: one direction with random signs, norm 4, hyperplanes
 * evenly spaced in [−1.2, 1.2] along it. Output weights: random sign, size uniform in [0.5, 1.5]; output bias
 * uniform in ±0.5.
 */
export function syntheticTarget(problem: SyntheticProblem): Network {
  const { inputs: d, hidden: r, family, seed } = problem;
  const random = randomStream('synthetic suite 1', family, d, r, seed);
  const between = (low: number, high: number) => low + (high - low) * random.uniform();
  const sign = () => (random.uniform() < 0.5 ? -1 : 1);
  const direction = () => {
    const vector = Array.from({ length: d }, () => random.normal());
    const norm = Math.hypot(...vector);
    return vector.map((value) => value / norm);
  };
  const weights = new Float64Array(r * d);
  const biases = new Float64Array(r);
  const shared = direction();
  for (let i = 0; i < r; i++) {
    const [along, norm, offset] =
      family === 'generic'
        ? [direction(), between(1.5, 2.5), between(-0.8, 0.8)]
        : [shared, 4 * sign(), r > 1 ? 1.2 - (2.4 * i) / (r - 1) : 0];
    for (let k = 0; k < d; k++) weights[i * d + k] = norm * along[k];
    biases[i] = norm * offset;
  }
  const outgoing = Float64Array.from({ length: r }, () => sign() * between(0.5, 1.5));
  return {
    activation: problem.activation,
    slope: problem.activation === 'leaky_relu' ? suiteLeakySlope : 0,
    layers: [
      { inputs: d, outputs: r, weights, biases },
      { inputs: r, outputs: 1, weights: outgoing, biases: Float64Array.of(between(-0.5, 0.5)) },
    ],
  };
}

/** Answers as the network does, with Gaussian noise of standard deviation `noise` on every answer. */
export function noisyTarget(network: Network, problem: SyntheticProblem, noise: number): Target {
  const { family, inputs: d, hidden: r, seed } = problem;
  const random = randomStream('noise', family, d, r, seed);
  return (inputs, count) => {
    const outputs = forward(network, inputs, count);
    if (noise > 0) for (let i = 0; i < outputs.length; i++) outputs[i] += noise * random.normal();
    return outputs;
  };
}
