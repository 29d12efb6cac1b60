import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { convertActivation, flipNeuron } from '../../src/compare/compare-canonical.js';
import { type ActivationName, activations } from '../../src/network/activations.js';
import type { Layer, Network } from '../../src/records.js';
import { calibrate, poolCalibrations } from '../../src/suite/calibration.js';
import { syntheticTarget } from '../../src/suite/synthetic.js';

const truthOf = (activation: ActivationName) =>
  syntheticTarget({ family: 'generic', activation, inputs: 16, hidden: 8, seed: 4 });

/** The same function: neurons in reverse order, every other one mirrored or rescaled where that is free. */
function disguise(network: Network): Network {
  const { symmetry, homogeneous } = activations[network.activation];
  const [first, last] = network.layers;
  const { inputs: d, outputs: r } = first;
  const hidden: Layer = { ...first, weights: new Float64Array(r * d), biases: new Float64Array(r) };
  const output: Layer = { ...last, weights: new Float64Array(r), biases: last.biases.slice() };
  for (let i = 0; i < r; i++) {
    const from = r - 1 - i;
    const factor = homogeneous ? 0.5 + i : 1;
    for (let k = 0; k < d; k++) hidden.weights[i * d + k] = factor * first.weights[from * d + k];
    hidden.biases[i] = factor * first.biases[from];
    output.weights[i] = last.weights[from] / factor;
    if (symmetry === 'odd' && i % 2 === 0)
      flipNeuron([hidden, output], 0, i, activations[network.activation]);
  }
  return { ...network, layers: [hidden, output] };
}

/** Standard errors of all parameters, of very different sizes, and the network with errors of these sizes. */
function perturb(network: Network, size: number): { network: Network; standardErrors: Float64Array } {
  const random = randomStream('errors', network.activation);
  const standardErrors: number[] = [];
  const layers = network.layers.map((layer) => {
    const [weights, biases] = [layer.weights.slice(), layer.biases.slice()];
    const move = (values: Float64Array, at: number) => {
      const error = size * 10 ** (2 * random.uniform() - 1);
      standardErrors.push(error);
      values[at] += error * random.normal();
    };
    for (let row = 0; row < layer.outputs; row++) {
      for (let k = 0; k < layer.inputs; k++) move(weights, row * layer.inputs + k);
      move(biases, row);
    }
    return { ...layer, weights, biases };
  });
  return { network: { ...network, layers }, standardErrors: Float64Array.from(standardErrors) };
}

for (const activation of ['g', 'tanh', 'sigmoid', 'softplus'] as const) {
  test(`${activation}: errors of the size of the standard errors give rms z near 1`, () => {
    const truth = truthOf(activation);
    const { network, standardErrors } = perturb(disguise(truth), 1e-6);
    const result = calibrate(network, standardErrors, truth)!;
    assert.equal(result.weights, 8 * 17 + 9);
    // 145 squares of normal numbers: 1 ± 0.06
    assert.ok(Math.abs(result.rmsZ - 1) < 0.25, `rms ${result.rmsZ}`);
    assert.ok(result.shareWithin3 > 0.97);
    const wide = calibrate(
      network,
      standardErrors.map((error) => 10 * error),
      truth,
    )!;
    assert.ok(Math.abs(wide.rmsZ / result.rmsZ - 0.1) < 1e-12);
    assert.equal(wide.shareWithin3, 1);
  });
}

test('relu: the truth is brought to the recovered lengths', () => {
  const truth = truthOf('relu');
  const same = disguise(truth);
  const errors = new Float64Array(145).fill(1e-12);
  const result = calibrate(same, errors, truth)!;
  assert.ok(result.largestZ < 0.05, `largest ${result.largestZ}`);
});

test('a sigmoid network that was found as tanh is measured as tanh', () => {
  const truth = truthOf('sigmoid');
  const { network, standardErrors } = perturb(
    disguise(convertActivation(truth, { activation: 'tanh' })!),
    1e-6,
  );
  const { rmsZ } = calibrate(network, standardErrors, truth)!;
  assert.ok(Math.abs(rmsZ - 1) < 0.25, `rms ${rmsZ}`);
});

test('nothing is measured without standard errors, or where a neuron has no counterpart', () => {
  const truth = truthOf('tanh');
  assert.equal(calibrate(truth, new Float64Array(145).fill(Number.NaN), truth), null);
  const other = syntheticTarget({ family: 'generic', activation: 'tanh', inputs: 16, hidden: 8, seed: 5 });
  const errors = new Float64Array(145).fill(1);
  assert.equal(calibrate(other, errors, truth), null);
  const relu = truthOf('relu');
  assert.equal(calibrate(relu, errors, truth), null);
});

test('pooled, every weight counts the same', () => {
  assert.equal(poolCalibrations([]), null);
  const one = { weights: 10, shareWithin3: 1, rmsZ: 1, largestZ: 2 };
  const other = { weights: 30, shareWithin3: 0.8, rmsZ: 3, largestZ: 7 };
  const pooled = poolCalibrations([one, other])!;
  assert.equal(pooled.weights, 40);
  assert.ok(Math.abs(pooled.shareWithin3 - 0.85) < 1e-12);
  assert.ok(Math.abs(pooled.rmsZ - Math.sqrt(7)) < 1e-12);
  assert.equal(pooled.largestZ, 7);
});
