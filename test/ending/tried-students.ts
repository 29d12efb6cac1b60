import type { ActivationName } from '../../src/network/activations.js';
import { deepParameterCount } from '../../src/network/deep.js';
import { shallowParameterCount } from '../../src/network/shallow.js';
import type { DeepStudent, Student } from '../../src/records.js';

const rest = {
  start: 'random',
  spread: 1,
  samples: 300,
  iterations: 9,
  reason: 'stalled',
  lossCurve: Float64Array.of(1),
  atFloor: false,
} as const;

/** A student with one hidden layer that was tried and stalled at a loss. */
export function triedStudent(
  index: number,
  hidden: number,
  loss: number,
  activation: ActivationName = 'tanh',
): Student {
  const shape = { inputs: 2, hidden, outputs: 1, activation, slope: 0, skip: false };
  return { ...rest, index, shape, parameters: new Float64Array(shallowParameterCount(shape)), loss };
}

/** A student with several hidden layers that was tried and stalled at a loss. */
export function triedDeep(index: number, widths: readonly number[], loss: number): DeepStudent {
  const shape = { inputs: 2, widths, outputs: 1, activation: 'tanh', slope: 0, skip: false } as const;
  return { ...rest, index, shape, parameters: new Float64Array(deepParameterCount(shape)), loss };
}
