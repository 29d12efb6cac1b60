import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { randomStream } from '../../src/base/random.js';
import { forward } from '../../src/network/forward.js';
import { peel, peelDataset, peelIncoming } from '../../src/peel/peeled.js';
import { samplesForTurning, turnBySamples } from '../../src/peel/turn-by-samples.js';
import { samplesForTurningLast, turnLastBySamples } from '../../src/peel/turn-last-by-samples.js';
import type { Dataset, KnownLayer, Layer, Network } from '../../src/records.js';

/** A random ReLU network whose hyperplanes cut the cloud of inputs. */
function reluNetwork(label: number, sizes: readonly number[]): Network {
  const random = randomStream('turning', label, ...sizes);
  const layers = sizes.slice(1).map((outputs, l): Layer => {
    const inputs = sizes[l];
    return {
      inputs,
      outputs,
      weights: Float64Array.from({ length: outputs * inputs }, () => random.normal()),
      biases: Float64Array.from({ length: outputs }, () => 0.5 * random.normal()),
    };
  });
  return { activation: 'relu', slope: 0, layers };
}

function sample(network: Network, count: number): Dataset {
  const random = randomStream('turning', 'samples');
  const d = network.layers[0].inputs;
  const inputs = Float64Array.from({ length: count * d }, () => 2 * random.normal());
  const outputs = forward(network, inputs, count);
  return { inputs, outputs, count, inputDimension: d, outputDimension: outputs.length / count };
}

/** Whether every hidden neuron is active at many of the samples, and inactive at many. */
function isSeen(network: Network): boolean {
  const { inputs, count } = sample(network, 400);
  return [1, 2].every((depth) => {
    const layers = network.layers.slice(0, depth);
    const active = new Array<number>(layers[depth - 1].outputs).fill(0);
    forward({ ...network, layers }, inputs, count).forEach((z, i) => {
      if (z > 0) active[i % active.length] += 1 / count;
    });
    return active.every((share) => share > 0.1 && share < 0.9);
  });
}

const signsOf = (label: number, count: number) => {
  const random = randomStream('turning', 'signs', label);
  return Array.from({ length: count }, () => (random.uniform() < 0.5 ? -1 : 1));
};

/** Rows of weights and bias, each with its sign. */
function rowsOf({ weights, biases, inputs, outputs }: Layer, signs: readonly number[]): number[][] {
  return Array.from({ length: outputs }, (_, j) =>
    [...weights.subarray(j * inputs, (j + 1) * inputs), biases[j]].map((value) => signs[j] * value),
  );
}

/**
 * A network with two hidden layers, its first one known with these signs, and the second as a network behind it, each
 * neuron with its sign, and with the affine path that makes up for all that.
 */
function behindKnown(network: Network, signs: readonly number[], behindSigns: readonly number[]) {
  const { activation } = network;
  const [first, second, last] = network.layers;
  const [d, r, m, o] = [first.inputs, first.outputs, second.outputs, last.outputs];
  const incoming = Float64Array.from(rowsOf(first, signs).flat());
  const known: KnownLayer = { activation, slope: 0, inputs: d, incoming, oriented: false };
  const peeled = peel([known], sample(network, 300), 2);
  // σ(z) = σ(−z) + z: a mirrored neuron's weight is made up for by one on the layer's inputs
  const seen = rowsOf(second, behindSigns).map((row) => {
    const past = new Float64Array(d + 1);
    past[d] = row[r];
    for (let j = 0; j < r; j++) {
      if (signs[j] === 1) continue;
      for (let k = 0; k < d; k++) past[k] += row[j] * first.weights[j * d + k];
      past[d] += row[j] * first.biases[j];
    }
    return [...row.slice(0, r), ...past];
  });
  const vectors = peelIncoming(peeled, Float64Array.from(seen.flat()));
  const inputs = r + d;
  const path = Array.from({ length: o }, (_, i) => {
    const sum = new Float64Array(inputs + 1);
    sum[inputs] = last.biases[i];
    for (let j = 0; j < m; j++) {
      if (behindSigns[j] === 1) continue;
      for (let k = 0; k <= inputs; k++) sum[k] -= last.weights[i * m + j] * vectors[j * (inputs + 1) + k];
    }
    return [...last.weights.subarray(i * m, (i + 1) * m), ...sum];
  });
  const shape = { inputs, hidden: m, outputs: o, activation, slope: 0, skip: true } as const;
  const found = { shape, parameters: Float64Array.from([...vectors, ...path.flat()]) };
  const dataset = peelDataset(peeled, sample(network, samplesForTurning(known, shape)));
  return { peeled, found, dataset };
}

test('a layer of ReLU neurons is turned by what a network behind it sees past it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), (label) => {
      const network = reluNetwork(label, [3, 4, 3, 2]);
      fc.pre(isSeen(network));
      const { peeled, found, dataset } = behindKnown(network, signsOf(label, 4), signsOf(label + 1, 3));
      const turned = turnBySamples(peeled, found, dataset);
      if (turned === undefined) return false;
      assert.equal(turned.oriented, true);
      assert.deepEqual([...turned.incoming], rowsOf(network.layers[0], [1, 1, 1, 1]).flat());
      return true;
    }),
    { numRuns: 12, seed: 5 },
  );
});

test('a layer is not turned by a network that is not the target', () => {
  const network = reluNetwork(3, [3, 4, 3, 1]);
  const incoming = Float64Array.from(rowsOf(network.layers[0], [1, -1, 1, -1]).flat());
  const known: KnownLayer = { activation: 'relu', slope: 0, inputs: 3, incoming, oriented: false };
  const peeled = peel([known], sample(network, 300), 2);
  const shape = { inputs: 7, hidden: 2, outputs: 1, activation: 'relu', slope: 0, skip: true } as const;
  const random = randomStream('another network');
  const parameters = Float64Array.from({ length: 2 * 8 + 10 }, () => random.normal());
  const dataset = peelDataset(peeled, sample(network, samplesForTurning(known, shape)));
  assert.equal(turnBySamples(peeled, { shape, parameters }, dataset), undefined);
});

test('ReLU neurons beside an affine path get their signs, and vectors that need no path', () => {
  const [d, m] = [4, 5];
  for (const label of [0, 1, 2]) {
    const network = reluNetwork(label, [d, m, 2]);
    const [hidden, last] = network.layers;
    const signs = signsOf(label, m);
    const vectors = rowsOf(hidden, signs);
    const path = Array.from({ length: 2 }, (_, i) => {
      const sum = new Float64Array(d + 1);
      sum[d] = last.biases[i];
      for (let j = 0; j < m; j++) {
        if (signs[j] === 1) continue;
        for (let k = 0; k <= d; k++) sum[k] -= last.weights[i * m + j] * vectors[j][k];
      }
      return [...last.weights.subarray(i * m, (i + 1) * m), ...sum];
    });
    const shape = { inputs: d, hidden: m, outputs: 2, activation: 'relu', slope: 0, skip: true } as const;
    const found = { shape, parameters: Float64Array.from([...vectors.flat(), ...path.flat()]) };
    const turned = turnLastBySamples(found, sample(network, samplesForTurningLast(found)));
    assert.deepEqual(turned?.signs, signs);
    const truth = rowsOf(hidden, [1, 1, 1, 1, 1]).flat();
    turned!.incoming.forEach((value, k) => {
      assert.ok(Math.abs(value - truth[k]) < 1e-9, `weight ${k}: ${value}, not ${truth[k]}`);
    });
  }
});
