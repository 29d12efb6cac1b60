import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { ActivationName } from '../../src/network/activations.js';
import { type DeepNetwork, fromMatrices } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { contract } from '../../src/prune/contract.js';
import { turnMirrored } from '../../src/prune/turn-mirrored.js';
import { planeOf } from './answers.js';

const kernels = loadKernels();
const fitter = createInlineFitter(kernels);
const { answersOf, datasetOf } = planeOf(500);

/** Two inputs, 2-2 neurons, one output. */
function target(activation: ActivationName): DeepNetwork {
  return fromMatrices(activation, 0, [
    { rows: 2, values: Float64Array.of(1.2, -0.7, 0.3, 0.5, 1.4, -0.2) },
    { rows: 2, values: Float64Array.of(1.5, -0.8, 0.1, 0.9, 1.1, -0.6) },
    { rows: 1, values: Float64Array.of(1.3, -0.9, 0.2) },
  ]);
}

/** The same function with a neuron in two halves, one that nothing sees, and one that gives a constant. */
function wider(activation: ActivationName): DeepNetwork {
  return fromMatrices(activation, 0, [
    { rows: 4, values: Float64Array.of(1.2, -0.7, 0.3, 0.5, 1.4, -0.2, 1.2, -0.7, 0.3, -0.4, 0.6, 0.1) },
    {
      rows: 3,
      values: Float64Array.of(1.0, -0.8, 0.5, 0, 0.1, 0.4, 1.1, 0.5, 0, -0.6, 0, 0, 0, 0, 0.7),
    },
    { rows: 1, values: Float64Array.of(1.3, -0.9, 0.4, 0.2 - 0.4 * valueAt(activation, 0.7)) },
  ]);
}

function valueAt(activation: ActivationName, z: number): number {
  const layer = { inputs: 1, outputs: 1, weights: Float64Array.of(1), biases: Float64Array.of(0) };
  return forward({ activation, slope: 0, layers: [layer, layer] }, Float64Array.of(z), 1)[0];
}

for (const activation of ['tanh', 'softplus'] as const) {
  test(`${activation}: halves, dead and constant neurons go, and the target's own stay`, async () => {
    const wide = wider(activation);
    const exact = answersOf(target(activation));
    answersOf(wide).forEach((answer, n) => {
      assert.ok(Math.abs(answer - exact[n]) < 1e-12, 'the wide network is the same function');
    });
    for (const [what, outputs, floor] of [
      ['float64', exact, 1e-28],
      ['float32', exact.map(Math.fround), 1e-13],
    ] as const) {
      const left = await contract({ ...wide, loss: floor }, datasetOf(outputs), { floor, fitter, kernels });
      assert.deepEqual(left.shape.widths, [2, 2], what);
      assert.ok(left.loss <= 10 * floor, `${what}: ${left.loss}`);
    }
  });
}

test('neurons near the floor are left out though the loss stays above it; none that the target needs goes', async () => {
  const network = target('tanh');
  const dataset = datasetOf(answersOf(network));
  const left = await contract({ ...network, loss: 0 }, dataset, { floor: 1e-28, fitter, kernels });
  assert.deepEqual(left.shape.widths, [2, 2]);
});

/** ReLU 2-2 with the first neuron of the last hidden layer mirrored, and one beside it that is always active. */
function mirrored(activation: 'relu' | 'softplus'): { plain: DeepNetwork; turned: DeepNetwork } {
  const plain = target(activation);
  const [w0, w1, b] = [1.5, -0.8, 0.1];
  // σ(z) = σ(−z) + z; z as σ(z + 60) − 60, which is affine there
  const turned = fromMatrices(activation, 0, [
    { rows: 2, values: Float64Array.of(1.2, -0.7, 0.3, 0.5, 1.4, -0.2) },
    { rows: 3, values: Float64Array.of(-w0, -w1, -b, 0.9, 1.1, -0.6, w0, w1, b + 60) },
    { rows: 1, values: Float64Array.of(1.3, -0.9, 1.3, 0.2 - 1.3 * 60) },
  ]);
  return { plain, turned };
}

for (const activation of ['relu', 'softplus'] as const) {
  test(`${activation}: a mirrored neuron is turned back, and what stood in for its affine map goes`, async () => {
    const { plain, turned } = mirrored(activation);
    const exact = answersOf(plain);
    const wide = answersOf(turned);
    assert.ok(exact.every((answer, n) => Math.abs(answer - wide[n]) < 1e-12));
    const [smaller] = turnMirrored(turned, datasetOf(exact));
    assert.deepEqual(smaller.shape.widths, [2, 2]);
    assert.ok(answersOf(smaller).every((answer, n) => Math.abs(answer - exact[n]) < 1e-9));
    const left = await contract({ ...turned, loss: 1e-26 }, datasetOf(exact), {
      floor: 1e-26,
      fitter,
      kernels,
    });
    assert.deepEqual(left.shape.widths, [2, 2]);
  });
}

test('nothing is turned where no neuron is affine, or the activation has no affine part', () => {
  const dataset = datasetOf(answersOf(target('relu')));
  assert.deepEqual(turnMirrored(target('relu'), dataset), []);
  assert.deepEqual(turnMirrored(wider('tanh'), dataset), []);
});
