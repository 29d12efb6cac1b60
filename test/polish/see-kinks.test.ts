import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type ActivationName, activations } from '../../src/network/activations.js';
import { splitParameters } from '../../src/network/shallow.js';
import { polish } from '../../src/polish/polish.js';
import { seeKinks } from '../../src/polish/see-kinks.js';
import { drawInputs } from '../../src/query/collect.js';
import type { Dataset } from '../../src/records.js';

const fitter = createInlineFitter(loadKernels());

/** f(x) = σ(w·x + b) of two inputs, asked in clouds of a spread. */
function cloud(activation: ActivationName, [w1, w2, b]: readonly number[], spread: number): Dataset {
  const count = 300;
  const inputs = drawInputs(['kinks', spread], count, 2, spread);
  const { value } = activations[activation];
  const outputs = Float64Array.from({ length: count }, (_, n) =>
    value(w1 * inputs[2 * n] + w2 * inputs[2 * n + 1] + b, 0),
  );
  return { inputs, outputs, count, inputDimension: 2, outputDimension: 1 };
}

/** The incoming vector after kinks were looked for, and how many samples that took, from a vector with the wrong scale. */
async function look(activation: ActivationName, truth: readonly number[], start: readonly number[]) {
  const dataset = cloud(activation, truth, 1);
  const descend = (vectors: Float64Array, on: Dataset) => polish(activation, 0, vectors, on, fitter);
  const polished = await descend(Float64Array.from(start), dataset);
  const found = await seeKinks(polished, dataset, async (k) => cloud(activation, truth, k), descend);
  const { shape, parameters, loss } = found.polished;
  return { vector: [...splitParameters(shape, parameters).incoming], loss, count: found.dataset.count };
}

test('a kink that no sample reaches is found in a wider cloud', async () => {
  // clipped at z = −1 and 1: the first cloud reaches the first alone, and w and a may be scaled about it
  const truth = [0.3, 0.2, -0.5];
  const scaled = truth.map((value, k) => 0.4 * value + (k === 2 ? -0.6 : 0));
  const { vector, loss, count } = await look('hardtanh', truth, scaled);
  assert.ok(count > 300 && loss < 1e-28, `${count} ${loss}`);
  const sign = Math.sign(vector[0]);
  for (const [k, value] of truth.entries())
    assert.ok(Math.abs(sign * vector[k] - value) < 1e-12, `${vector}`);
});

test('the parabola of a hardswish neuron is told from others by its kinks', async () => {
  const truth = [0.3, 0.2, -1];
  const scaled = truth.map((value, k) => 0.5 * value + (k === 2 ? -0.75 : 0));
  const { vector, loss, count } = await look('hardswish', truth, scaled);
  assert.ok(count > 300 && loss < 1e-28, `${count} ${loss}`);
  for (const [k, value] of truth.entries()) assert.ok(Math.abs(vector[k] - value) < 1e-12, `${vector}`);
});

test('where all kinks are in sight, and where there are none, nothing is asked', async () => {
  for (const activation of ['hardtanh', 'relu', 'tanh', 'selu'] as const) {
    const { count } = await look(activation, [2, 1, 0.3], [2, 1, 0.3]);
    assert.equal(count, 300, activation);
  }
});
