import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AdamOptions, adamDefaults, initAdam, updateAdam } from '../../src/optimise/adam.js';
import { readGolden } from '../golden.js';

interface Golden {
  readonly options: Partial<AdamOptions>;
  readonly start: readonly number[];
  /** Parameters by the number of the step. */
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

/** The gradients of test/golden/adam-golden.py. */
function gradientAt(step: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    const number = 0.6180339887498949 * (i + 1) + 0.7548776662466927 * step;
    return 10 ** (i - 2) * (2 * (number - Math.floor(number)) - 1);
  });
}

test('the parameters move as those of PyTorch', () => {
  for (const { options, start, parameters } of readGolden<Golden[]>('adam.json')) {
    let state = initAdam(Float64Array.from(start));
    const last = Math.max(...Object.keys(parameters).map(Number));
    for (let step = 1; step <= last; step++) {
      state = updateAdam(state, gradientAt(step, start.length), { ...adamDefaults, ...options });
      for (const [i, expected] of (parameters[step] ?? []).entries()) {
        const error = Math.abs(state.parameters[i] - expected);
        assert.ok(error <= 1e-13 * Math.max(1, Math.abs(expected)), `step ${step}, entry ${i}: ${error}`);
      }
    }
    assert.equal(state.iterations, last);
  }
});

test('a state is plain data and stays as it was', () => {
  const start = Float64Array.of(1, 2);
  const state = initAdam(start);
  const next = updateAdam(state, Float64Array.of(3, -4), adamDefaults);
  assert.deepEqual([[...start], [...state.parameters], state.iterations], [[1, 2], [1, 2], 0]);
  assert.deepEqual([...state.firstMoment, ...state.secondMoment], [0, 0, 0, 0]);
  assert.notDeepEqual(next.parameters, state.parameters);
  assert.deepEqual(updateAdam(structuredClone(state), Float64Array.of(3, -4), adamDefaults), next);
});

test('a parameter without a gradient stays where it is', () => {
  let state = initAdam(Float64Array.of(5, 5));
  for (let step = 0; step < 10; step++) state = updateAdam(state, Float64Array.of(0, 1), adamDefaults);
  assert.equal(state.parameters[0], 5);
  assert.ok(Math.abs(state.parameters[1] - (5 - 10 * adamDefaults.learningRate)) < 1e-9);
});
