import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leavesSignsOpen } from '../../src/certify/mirrored.js';
import { type DeepNetwork, deepBlocks, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { tieLayer } from '../../src/network/residual.js';
import { normalInputs } from '../run/networks.js';

/** A·(h + σ(W·h + b)) + c with h = σ(V·x + a), of 2 inputs, 3 neurons a layer and 2 outputs, by hand. */
function residual(activation: DeepNetwork['shape']['activation'], path: readonly number[] = []): DeepNetwork {
  const first = [1, -0.5, 0.2, -0.3, 0.8, -0.1, 0.6, 0.4, 0.5];
  const second = [0.7, -0.4, 0.3, 0.1, -0.6, 0.5, 0.9, -0.2, 0.2, 0.8, -0.7, 0.4];
  const a = [
    [1.5, -0.7, 0.4],
    [0.3, 0.9, -1.1],
  ];
  // to the outputs from the second layer, from the first, and a bias
  const last = a.flatMap((row, i) => [...row, ...row.map((weight, k) => weight + (path[k] ?? 0)), 0.1 * i]);
  const shape = { inputs: 2, widths: [3, 3], outputs: 2, activation, slope: 0, skip: true, residual: true };
  return { shape, parameters: Float64Array.from([...first, ...second, ...last]) };
}

/** The same answers with neurons of the second layer turned, by σ(−z) = σ(z) − z. */
function turn(network: DeepNetwork, neurons: readonly number[]): DeepNetwork {
  const parameters = network.parameters.slice();
  const [, second, last] = deepBlocks(network.shape);
  for (const j of neurons) {
    for (let k = 0; k <= 3; k++) {
      const weight = parameters[second.at + 4 * j + k];
      for (let i = 0; i < 2; i++) {
        const row = last.at + 7 * i;
        parameters[row + 3 + k] += parameters[row + j] * weight;
      }
      parameters[second.at + 4 * j + k] = -weight;
    }
  }
  return { ...network, parameters };
}

const ones = Float64Array.of(1, 1);
const answers = (network: DeepNetwork) => forward(toDeepNetwork(network, ones), normalInputs(50, 2), 50);

for (const activation of ['silu', 'relu', 'gelu', 'softplus'] as const) {
  test(`turned ${activation} neurons are turned back so that the layer is residual`, () => {
    const truth = residual(activation);
    const given = turn(truth, [0, 2]);
    answers(given).forEach((y, i) => {
      assert.ok(Math.abs(y - answers(truth)[i]) < 1e-12);
    });
    const tied = tieLayer(given, 1e-6)!;
    assert.deepEqual(tied.signs, [-1, 1, -1]);
    assert.ok(tied.residual < 1e-12);
    tied.network.parameters.forEach((value, i) => {
      assert.ok(Math.abs(value - truth.parameters[i]) < 1e-12);
    });
    assert.equal(leavesSignsOpen(given, 1e-9), false);
  });

  test(`another path past ${activation} neurons ties none of their signs`, () => {
    const given = residual(activation, [0.4, -0.2, 0.6]);
    assert.equal(tieLayer(given, 1e-2), undefined);
    assert.equal(leavesSignsOpen(given, 1e-9), true);
  });
}

test('a tie is only as near as it is', () => {
  const given = turn(residual('silu', [1e-4, 0, 0]), [1]);
  assert.equal(tieLayer(given, 1e-6), undefined);
  const { residual: off } = tieLayer(given, 1e-3)!;
  assert.ok(off > 1e-6 && off < 1e-3);
});

test('scales of ReLU neurons do not count', () => {
  const given = turn(residual('relu'), [1]);
  const [, second, last] = deepBlocks(given.shape);
  for (let k = 0; k <= 3; k++) given.parameters[second.at + k] *= 4;
  for (let i = 0; i < 2; i++) given.parameters[last.at + 7 * i] /= 4;
  assert.deepEqual(tieLayer(given, 1e-6)!.signs, [1, -1, 1]);
});

test('odd neurons, networks without a path and fewer numbers than chance explains are left as they are', () => {
  assert.equal(tieLayer(residual('tanh'), 1e-6), undefined);
  assert.equal(leavesSignsOpen(residual('tanh'), 1e-9), false);
  const plain = residual('silu');
  assert.equal(tieLayer({ ...plain, shape: { ...plain.shape, skip: false } }, 1e-6), undefined);
  const shape = { ...plain.shape, widths: [2, 1], inputs: 1, outputs: 1 };
  assert.equal(
    tieLayer({ shape, parameters: Float64Array.from({ length: 4 + 3 + 4 }, (_, i) => i + 1) }, 1),
    undefined,
  );
});
