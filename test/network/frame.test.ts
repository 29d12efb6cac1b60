import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepParameterCount, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { type Frame, liftThroughFrame, toInputs } from '../../src/network/frame.js';
import { normalInputs } from '../run/networks.js';

const frame: Frame = { shifts: Float64Array.of(0, 5, 5.5), scales: Float64Array.of(0.25, 1.25, 0.125) };
const one = Float64Array.of(1, 1);

for (const activation of ['tanh', 'relu'] as const) {
  const shape = { inputs: 3, widths: [4, 3], outputs: 2, activation, slope: 0, skip: false };
  const parameters = normalInputs(deepParameterCount(shape), 1);

  test(`${activation}: a lifted network is the same function of the target's inputs`, () => {
    const standardErrors = new Float64Array(parameters.length);
    const lifted = liftThroughFrame({ network: { shape, parameters }, standardErrors }, frame).network;
    const u = normalInputs(20, 3);
    const own = forward(toDeepNetwork({ shape, parameters }, one), u, 20);
    const other = forward(toDeepNetwork(lifted, one), toInputs(frame, u), 20);
    assert.ok(own.every((value, i) => Math.abs(value - other[i]) < 1e-12));
  });

  test(`${activation}: the standard errors are those of weights that are off by so much inside`, () => {
    // 4000 networks whose weights are off at random, lifted: their scatter is what the lifted errors must say
    const standardErrors = parameters.map((_, i) => 1e-6 * (1 + (i % 3)));
    const lifted = liftThroughFrame({ network: { shape, parameters }, standardErrors }, frame);
    const trials = 4000;
    const noise = normalInputs(trials, parameters.length, 1);
    const squares = new Float64Array(parameters.length);
    for (let t = 0; t < trials; t++) {
      const off = parameters.map((value, i) => value + standardErrors[i] * noise[t * parameters.length + i]);
      const moved = liftThroughFrame({ network: { shape, parameters: off }, standardErrors }, frame).network;
      for (let i = 0; i < off.length; i++) {
        squares[i] += (moved.parameters[i] - lifted.network.parameters[i]) ** 2 / trials;
      }
    }
    const ratios = Array.from(squares, (square, i) => Math.sqrt(square) / lifted.standardErrors[i]);
    assert.ok(
      ratios.every((ratio) => ratio > 0.95 && ratio < 1.05),
      ratios.map((ratio) => ratio.toFixed(2)).join(' '),
    );
  });
}

test('no lifted weight is known better than a float64 number can say', () => {
  const shape = { inputs: 1, widths: [1], outputs: 1, activation: 'relu', slope: 0, skip: false } as const;
  // far inputs: the vector is nearly its bias, of which the free length leaves nothing to be wrong
  const wide: Frame = { shifts: Float64Array.of(0), scales: Float64Array.of(1e7) };
  const parameters = Float64Array.of(0.6, 0.8, 1.5, 0.3);
  const standardErrors = new Float64Array(4).fill(1e-17);
  const lifted = liftThroughFrame({ network: { shape, parameters }, standardErrors }, wide);
  for (const i of [0, 1, 2]) {
    const rounding = 2 ** -53 * Math.abs(lifted.network.parameters[i]);
    assert.ok(lifted.standardErrors[i] >= rounding * (1 - 1e-9), String(i));
  }
});
