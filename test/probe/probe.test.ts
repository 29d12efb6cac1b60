import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadKernels } from '../../src/kernels/load.js';
import type { ActivationName } from '../../src/network/activations.js';
import { forward } from '../../src/network/forward.js';
import { type Scalar, wholeSpace } from '../../src/probe/far-field.js';
import { lookFar } from '../../src/probe/first-look.js';
import { probeFirstLayer } from '../../src/probe/layers.js';
import { probeLayer } from '../../src/probe/probe.js';
import type { Network } from '../../src/records.js';
import { deepTarget } from '../../src/suite/deep.js';

const kernels = loadKernels();

/** A network as one number a point: the sum of its outputs. */
function scalarOf(network: Network): Scalar {
  const dimension = network.layers[0].inputs;
  return {
    dimension,
    roundoff: 2 ** -53,
    async evaluate(points, count) {
      const outputs = forward(network, points, count);
      const o = outputs.length / count;
      return Float64Array.from({ length: count }, (_, n) =>
        outputs.subarray(n * o, (n + 1) * o).reduce((sum, value) => sum + value, 0),
      );
    },
  };
}

/** Largest relative distance of a true first-layer neuron to the nearest one found, up to sign and, if so, scale. */
function worstMatch(network: Network, incoming: Float64Array, withBias: boolean, scaled: boolean): number {
  const { inputs: d, outputs: r, weights, biases } = network.layers[0];
  const unit = (vector: readonly number[]) => {
    const norm = Math.hypot(...vector.slice(0, d));
    return vector.map((value) => value / (scaled ? norm : 1));
  };
  let worst = 0;
  for (let j = 0; j < r; j++) {
    const truth = unit([...weights.subarray(j * d, (j + 1) * d), withBias ? biases[j] : 0]);
    let nearest = Number.POSITIVE_INFINITY;
    for (let at = 0; at < incoming.length; at += d + 1) {
      const found = unit([...incoming.subarray(at, at + d), withBias ? incoming[at + d] : 0]);
      for (const sign of [1, -1]) {
        const distance = Math.hypot(...truth.map((value, k) => value - sign * found[k]));
        nearest = Math.min(nearest, distance / Math.hypot(...truth));
      }
    }
    worst = Math.max(worst, nearest);
  }
  return worst;
}

describe('far from the origin', () => {
  const shown: Partial<Record<ActivationName, ActivationName>> = { leaky_relu: 'relu', sigmoid: 'tanh' };
  for (const activation of [
    'relu',
    'leaky_relu',
    'softplus',
    'gelu',
    'silu',
    'elu',
    'g',
    'tanh',
    'sigmoid',
    'erf',
  ] as const) {
    test(`the bends of a deep network of ${activation} show which activation it has`, async () => {
      const scalar = scalarOf(deepTarget({ activation, depth: 3, seed: 2 }));
      const look = await lookFar(scalar, wholeSpace(scalar.dimension), ['look', activation], kernels);
      assert.equal(look.activation, shown[activation] ?? activation);
    });
  }

  for (const activation of ['relu', 'softplus', 'elu', 'g'] as const) {
    test(`every first-layer neuron of a deep network of ${activation} is read to 1e-5`, async () => {
      const network = deepTarget({ activation, depth: 2, seed: 5 });
      const scalar = scalarOf(network);
      const found = await probeLayer(scalar, wholeSpace(scalar.dimension), ['probe', 1], kernels);
      assert.equal(found.grows, true);
      assert.equal(found.count, network.layers[0].outputs);
      assert.ok(worstMatch(network, found.incoming, true, activation === 'relu') < 1e-5);
    });
  }

  test('the steps of a bounded network show the directions of its first layer', async () => {
    const network = deepTarget({ activation: 'tanh', depth: 3, seed: 1 });
    const scalar = scalarOf(network);
    const found = await probeLayer(scalar, wholeSpace(scalar.dimension), ['probe', 1], kernels);
    assert.equal(found.grows, false);
    assert.equal(found.count, network.layers[0].outputs);
    assert.ok(worstMatch(network, found.incoming, false, true) < 1e-4);
  });

  test('neurons that can be moved one by one get their sign, and leaky ReLU its slope', async () => {
    const network = deepTarget({ activation: 'leaky_relu', depth: 2, seed: 5 });
    const { layers } = await probeFirstLayer(scalarOf(network), 0, kernels);
    assert.equal(layers[0].oriented, true);
    assert.equal(layers[0].activation, 'leaky_relu');
    assert.ok(Math.abs(layers[0].slope - network.slope) < 1e-7);
    const { inputs: d, outputs: r, weights } = network.layers[0];
    for (let j = 0; j < r; j++) {
      const own = weights.subarray(j * d, (j + 1) * d);
      const cosines = Array.from({ length: r }, (_, i) => {
        const found = layers[0].incoming.subarray(i * (d + 1), i * (d + 1) + d);
        return (
          own.reduce((sum, value, k) => sum + value * found[k], 0) / Math.hypot(...own) / Math.hypot(...found)
        );
      });
      assert.ok(Math.max(...cosines) > 1 - 1e-9, `neuron ${j} has its sign`);
    }
  });
});
