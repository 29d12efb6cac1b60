/** Options of Adam, all of them resolved. */
export interface AdamOptions {
  readonly learningRate: number;
  /** Decay of the running mean of the gradient. */
  readonly beta1: number;
  /** Decay of the running mean of its square. */
  readonly beta2: number;
  /** Added to the root of the second mean, so that nothing is divided by zero. */
  readonly epsilon: number;
}

/** The values that Kingma and Ba propose, which are those of PyTorch too. */
export const adamDefaults: AdamOptions = {
  learningRate: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
};

/** The state between two iterations: everything that the next one depends on. */
export interface AdamState {
  readonly parameters: Float64Array;
  /** Running mean of the gradient, p entries, not yet corrected for its start at zero. */
  readonly firstMoment: Float64Array;
  /** Running mean of the gradient's squares, p entries, likewise. */
  readonly secondMoment: Float64Array;
  readonly iterations: number;
}

/** The state at the start; `parameters` (p entries) is copied. */
export function initAdam(parameters: Float64Array): AdamState {
  return {
    parameters: parameters.slice(),
    firstMoment: new Float64Array(parameters.length),
    secondMoment: new Float64Array(parameters.length),
    iterations: 0,
  };
}

/**
 * One iteration along `gradient` (p entries): Kingma and Ba, Adam: A Method for Stochastic Optimization (2015),
 * algorithm 1. `state` stays as it is.
 */
export function updateAdam(state: AdamState, gradient: Float64Array, options: AdamOptions): AdamState {
  const { parameters, firstMoment, secondMoment, iterations } = state;
  const next = {
    parameters: parameters.slice(),
    firstMoment: firstMoment.slice(),
    secondMoment: secondMoment.slice(),
    iterations: iterations + 1,
  };
  moveByAdam(next, gradient, options);
  return next;
}

/** The same in the arrays of a state, whose `iterations` counts this one. */
export function moveByAdam(
  { parameters, firstMoment, secondMoment, iterations }: AdamState,
  gradient: Float64Array,
  { learningRate, beta1, beta2, epsilon }: AdamOptions,
): void {
  const step = learningRate / (1 - beta1 ** iterations);
  const root = Math.sqrt(1 - beta2 ** iterations);
  for (let i = 0; i < parameters.length; i++) {
    const slope = gradient[i];
    const first = beta1 * firstMoment[i] + (1 - beta1) * slope;
    const second = beta2 * secondMoment[i] + (1 - beta2) * slope * slope;
    firstMoment[i] = first;
    secondMoment[i] = second;
    parameters[i] -= (step * first) / (Math.sqrt(second) / root + epsilon);
  }
}
