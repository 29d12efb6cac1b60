import { randomStream } from '../base/random.js';
import type { BatchedDifferentiable } from '../kernels/kernels.js';
import { adamDefaults, initAdam, moveByAdam } from './adam.js';
import type { Minimum, Steps } from './levenberg-marquardt.js';

/** Options of a descent by Adam. */
export interface AdamDescentOptions {
  /** Names the order of the batches. */
  readonly seed: readonly (string | number)[];
  /** Passes over the samples. */
  readonly epochs: number;
  /** The highest learning rate. */
  readonly learningRate: number;
  /** Parts of 256 samples a batch. */
  readonly parts: number;
}

/** Share of the batches in which the learning rate rises, and the rate at the end, as a part of the highest. */
const warmUp = 0.1;
const lastRate = 1e-4;

/** The learning rate after a share (0…1) of the batches: up along a line, then down along a cosine. */
function rateAfter(share: number, highest: number): number {
  if (share < warmUp) return (highest * share) / warmUp;
  return highest * (lastRate + 0.5 * (1 + Math.cos((Math.PI * (share - warmUp)) / (1 - warmUp))));
}

/**
 * Adam on batches of samples that stay together, in a random order every epoch, from `start` (p entries, left as it is):
 * a batch a step. The loss curve has the mean over the batches of every epoch, and at the end that of all samples.
 */
export function* descendByAdam(
  problem: BatchedDifferentiable,
  start: Float64Array,
  { seed, epochs, learningRate, parts }: AdamDescentOptions,
): Steps<Minimum> {
  const random = randomStream(...seed);
  const batches = Math.ceil(problem.parts / parts);
  const order = Uint32Array.from({ length: batches }, (_, i) => i);
  const gradient = new Float64Array(problem.parameterCount);
  let state = initAdam(start);
  const curve = [problem.loss(start)];
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let i = batches - 1; i > 0; i--) {
      const other = random.integer(i + 1);
      [order[i], order[other]] = [order[other], order[i]];
    }
    let sum = 0;
    for (const batch of order) {
      yield { parameters: state.parameters, loss: curve[curve.length - 1] };
      sum += problem.batchLossAndGradient(state.parameters, gradient, batch * parts, parts) / batches;
      const rate = rateAfter(state.iterations / (epochs * batches), learningRate);
      state = { ...state, iterations: state.iterations + 1 };
      moveByAdam(state, gradient, { ...adamDefaults, learningRate: rate });
    }
    curve.push(sum);
    if (!Number.isFinite(sum)) break;
  }
  const loss = problem.loss(state.parameters);
  curve[curve.length - 1] = loss;
  return {
    parameters: state.parameters,
    loss,
    iterations: curve.length - 1,
    reason: Number.isFinite(loss) ? 'max-iterations' : 'non-finite',
    lossCurve: Float64Array.from(curve),
  };
}
