import assert from 'node:assert/strict';
import { test } from 'node:test';
import { turnMended } from '../../src/ending/turn-mended.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { DeepNetwork } from '../../src/network/deep.js';
import { toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import type { Dataset } from '../../src/records.js';
import { normalInputs } from '../run/networks.js';

const fitter = createInlineFitter(loadKernels());

/** 1.5·relu(z₁) − 0.8·relu(z₂) + 0.2, z₁ = x + y/2 − 0.3 and z₂ = −0.4·x + 0.9·y + 0.1, with z₂ mirrored beside a path. */
function mirrored(path: number): DeepNetwork {
  // relu(z₂) = relu(−z₂) + z₂
  const rows = [1, 0.5, -0.3, 0.4, -0.9, -0.1];
  const outgoing = [1.5, -0.8, 0.32 + path, -0.72, 0.2 - 0.08];
  const shape = { inputs: 2, widths: [2], outputs: 1, activation: 'relu' as const, slope: 0, skip: true };
  return { shape, parameters: Float64Array.from([...rows, ...outgoing]) };
}

function samplesOf(network: DeepNetwork): Dataset {
  const count = 200;
  const inputs = normalInputs(count, 2);
  const outputs = forward(toDeepNetwork(network, Float64Array.of(1)), inputs, count);
  return { inputs, outputs, count, inputDimension: 2, outputDimension: 1 };
}

test('a mended network loses the path that the signs of its neurons explain', async () => {
  const network = mirrored(0);
  const turned = await turnMended(network, samplesOf(network), 1e-16, () => 1e-20, fitter);
  assert.equal(turned?.shape.skip, false);
  const inputs = normalInputs(50, 2).map((x) => 3 * x);
  const plain = forward(toDeepNetwork(turned!, Float64Array.of(1)), inputs, 50);
  plain.forEach((y, n) => {
    const [x, z] = [inputs[2 * n], inputs[2 * n + 1]];
    const expected = 1.5 * Math.max(x + z / 2 - 0.3, 0) - 0.8 * Math.max(-0.4 * x + 0.9 * z + 0.1, 0) + 0.2;
    assert.ok(Math.abs(y - expected) < 1e-9, `${y} ${expected}`);
  });
});

test('a path that no signs explain stays, as does one without which samples contradict', async () => {
  const own = mirrored(0.5);
  assert.equal(await turnMended(own, samplesOf(own), 1e-16, () => 1e-20, fitter), undefined);
  const network = mirrored(0);
  assert.equal(await turnMended(network, samplesOf(network), 1e-16, () => -1, fitter), undefined);
  const plain = { ...network, shape: { ...network.shape, activation: 'tanh' as const } };
  assert.equal(await turnMended(plain, samplesOf(plain), 1e-16, () => 1e-20, fitter), undefined);
});
