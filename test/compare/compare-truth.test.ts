import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InputError } from '../../src/base/errors.js';
import { type RandomStream, randomStream } from '../../src/base/random.js';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { activationNames, activations } from '../../src/network/activations.js';
import { forward } from '../../src/network/forward.js';
import type { Layer, Network } from '../../src/records.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

const cases = fc.record({
  activation: fc.constantFrom(...activationNames),
  sizes: fc.tuple(
    fc.integer({ min: 2, max: 5 }),
    fc.array(fc.integer({ min: 2, max: 7 }), { minLength: 1, maxLength: 3 }),
    fc.integer({ min: 1, max: 3 }),
  ),
  seed: fc.nat(1e6),
});

const check = (property: (network: Network, random: RandomStream) => void, numRuns = 80) =>
  fc.assert(
    fc.property(cases, ({ activation, sizes, seed }) => {
      property(randomNetwork(activation, sizes.flat(), seed), randomStream('compare', seed));
    }),
    { numRuns, seed: 1 },
  );

/** The network with layers that may be changed. */
const copy = (network: Network): Network & { layers: Layer[] } => ({
  ...network,
  layers: network.layers.map((layer) => ({
    ...layer,
    weights: layer.weights.slice(),
    biases: layer.biases.slice(),
  })),
});

/** The same function with hidden neurons permuted, mirrored and scaled; `order[layer][new]` is the old place. */
function disguise(network: Network, random: RandomStream): { network: Network; order: number[][] } {
  const { symmetry, oddConstant, middle, halfPeriod, homogeneous } = activations[network.activation];
  const { layers } = copy(network);
  const order: number[][] = [];
  for (let index = 0; index < layers.length - 1; index++) {
    const [layer, next] = [layers[index], layers[index + 1]];
    const places = Array.from({ length: layer.outputs }, (_, i) => i);
    for (let i = places.length - 1; i > 0; i--) {
      const j = random.integer(i + 1);
      [places[i], places[j]] = [places[j], places[i]];
    }
    const sign = () => (symmetry === 'odd' && random.uniform() < 0.5 ? -1 : 1);
    const scale = () => (homogeneous ? Math.exp(random.normal()) : 1);
    const factors = places.map(() => sign() * scale());
    // an odd number of half periods turns the outgoing weights once more
    const halfPeriods = places.map(() => (halfPeriod === null ? 0 : random.integer(7) - 3));
    const turns = halfPeriods.map((n) => (n % 2 === 0 ? 1 : -1));
    const biases = next.biases.slice();
    for (let o = 0; o < next.outputs; o++) {
      for (const [i, place] of places.entries()) {
        if (factors[i] < 0) biases[o] += oddConstant * next.weights[o * next.inputs + place];
      }
    }
    const oldWeights = layer.weights;
    layers[index] = {
      ...layer,
      weights: oldWeights.map((_, k) => {
        const i = Math.floor(k / layer.inputs);
        return factors[i] * oldWeights[places[i] * layer.inputs + (k % layer.inputs)];
      }),
      biases: layer.biases.map((_, i) => {
        const moved = (factors[i] < 0 ? 2 * middle : 0) + halfPeriods[i] * (halfPeriod ?? 0);
        return factors[i] * layer.biases[places[i]] + moved;
      }),
    };
    layers[index + 1] = {
      ...next,
      biases,
      weights: next.weights.map((_, k) => {
        const i = k % next.inputs;
        return (turns[i] * next.weights[k - i + places[i]]) / factors[i];
      }),
    };
    order.push(places);
  }
  return { network: { ...network, layers }, order };
}

/** The network without neuron `neuron` of hidden layer `index`. */
function remove(network: Network, index: number, neuron: number): Network {
  const { layers } = copy(network);
  const [layer, next] = [layers[index], layers[index + 1]];
  layers[index] = {
    ...layer,
    outputs: layer.outputs - 1,
    weights: layer.weights.filter((_, k) => Math.floor(k / layer.inputs) !== neuron),
    biases: layer.biases.filter((_, o) => o !== neuron),
  };
  layers[index + 1] = {
    ...next,
    inputs: next.inputs - 1,
    weights: next.weights.filter((_, k) => k % next.inputs !== neuron),
  };
  return { ...network, layers };
}

test('a disguised network is the network itself', () => {
  check((network, random) => {
    const disguised = disguise(network, random);
    const found = compareNetworks(disguised.network, network);
    const none = network.layers.slice(1).map(() => 0);
    assert.deepEqual(found.missing, none);
    assert.deepEqual(found.excess, none);
    assert.equal(found.converted, null);
    assert.ok(found.maxWeightError! < 1e-11, `maxWeightError ${found.maxWeightError}`);
    assert.ok(found.rmsWeightError! <= found.maxWeightError!);
    assert.ok(found.maxAbsError! < 1e-11 && found.functionError < 1e-11);
    for (const [index, neurons] of found.neurons.entries()) {
      for (const { recovered, truth } of neurons) assert.equal(disguised.order[index][recovered!], truth);
    }
  });
});

test('the error of a perturbed network is the size of the perturbation', () => {
  check((network, random) => {
    const size = 10 ** -(3 + random.integer(9));
    const disguised = copy(disguise(network, random).network);
    for (const { weights, biases } of disguised.layers) {
      for (const values of [weights, biases]) {
        for (let i = 0; i < values.length; i++) values[i] *= 1 + size * (random.uniform() < 0.5 ? -1 : 1);
      }
    }
    const found = compareNetworks(disguised, network);
    assert.deepEqual(
      [...found.missing, ...found.excess].filter((count) => count > 0),
      [],
    );
    // the norms of the other layers add to it for homogeneous activations, and k·a does for the sigmoid
    assert.ok(found.maxWeightError! > 0.1 * size && found.maxWeightError! < 40 * size + 1e-11);
    assert.ok(found.rmsWeightError! > 0.05 * size && found.functionError > 0);
  });
});

test('one wrong weight shows as the error of its two neurons, relative to their vectors', () => {
  const network = randomNetwork('tanh', [3, 4, 2]);
  const wrong = copy(network);
  const { weights } = wrong.layers[0];
  weights[3] += 1e-3;
  const { biases } = network.layers[0];
  const found = compareNetworks(wrong, network);
  const expected = 1e-3 / Math.hypot(...network.layers[0].weights.slice(3, 6), biases[1]);
  assert.ok(Math.abs(found.maxWeightError! - expected) < 1e-12);
  assert.ok(Math.abs(found.rmsWeightError! - expected / Math.sqrt(5)) < 1e-12);
  assert.ok(Math.abs(found.maxAbsError! - 1e-3) < 1e-12);
  assert.deepEqual(
    found.neurons[0].map(({ error }) => error === 0),
    [true, false, true, true],
  );
});

test('a neuron that is left out is missing, the others still match', () => {
  check((network, random) => {
    const index = random.integer(network.layers.length - 1);
    const neuron = random.integer(network.layers[index].outputs);
    const found = compareNetworks(disguise(remove(network, index, neuron), random).network, network);
    assert.deepEqual(
      found.missing,
      network.layers.slice(1).map((_, i) => (i === index ? 1 : 0)),
    );
    assert.deepEqual(
      found.excess,
      network.layers.slice(1).map(() => 0),
    );
    assert.deepEqual(found.neurons[index][neuron], { recovered: null, truth: neuron, error: null });
    assert.ok(found.maxWeightError! < 1e-11);
  });
});

test('a neuron that the truth lacks is in excess, the others still match', () => {
  check((network, random) => {
    const index = random.integer(network.layers.length - 1);
    const neuron = random.integer(network.layers[index].outputs);
    const truth = remove(network, index, neuron);
    const found = compareNetworks(network, truth);
    assert.deepEqual(
      found.excess,
      network.layers.slice(1).map((_, i) => (i === index ? 1 : 0)),
    );
    assert.deepEqual(
      found.missing,
      network.layers.slice(1).map(() => 0),
    );
    assert.deepEqual(found.neurons[index].at(-1), { recovered: neuron, truth: null, error: null });
    assert.ok(found.maxWeightError! < 1e-11);
  });
});

test('unrelated networks have no neuron in common', () => {
  const found = compareNetworks(randomNetwork('g', [6, 5, 2], 1), randomNetwork('g', [6, 4, 2], 2));
  assert.deepEqual([found.missing, found.excess, found.maxWeightError], [[4], [5], null]);
  assert.ok(found.functionError > 0.1);
});

test('the sign of an odd neuron does not hang on one coordinate', () => {
  const truth = randomNetwork('tanh', [3, 4, 1]);
  const recovered = copy(truth);
  for (let i = 0; i < 4; i++) {
    truth.layers[0].weights[3 * i] = 1e-12;
    recovered.layers[0].weights[3 * i] = -1e-12;
  }
  assert.ok(compareNetworks(recovered, truth).maxWeightError! < 1e-11);
});

test('two copies of a neuron are one match and one in excess', () => {
  const truth = randomNetwork('g', [3, 2, 2]);
  const [layer, next] = truth.layers;
  const recovered: Network = {
    ...truth,
    layers: [
      {
        inputs: 3,
        outputs: 3,
        weights: Float64Array.of(...layer.weights, ...layer.weights.slice(3)),
        biases: Float64Array.of(...layer.biases, layer.biases[1]),
      },
      {
        ...next,
        inputs: 3,
        weights: Float64Array.of(
          ...[0, 1].flatMap((o) => [
            next.weights[2 * o],
            ...[0.25, 0.75].map((share) => share * next.weights[2 * o + 1]),
          ]),
        ),
      },
    ],
  };
  const found = compareNetworks(recovered, truth);
  assert.deepEqual([found.missing, found.excess], [[0], [1]]);
  assert.equal(found.neurons[0][1].recovered, 2); // the copy that carries most of the outgoing vector
  assert.ok(Math.abs(found.maxWeightError! - 0.25) < 1e-12);
  assert.ok(found.functionError < 1e-14);
});

test('tanh and sigmoid are rewritten in each other', () => {
  for (const sizes of [
    [3, 4, 2],
    [3, 4, 5, 2],
  ]) {
    const truth = randomNetwork('tanh', sizes);
    const recovered = copy({ ...truth, activation: 'sigmoid' });
    // tanh(z) = 2·sigmoid(2z) − 1
    for (const [index, { weights, biases, inputs }] of recovered.layers.entries()) {
      const last = index === sizes.length - 2;
      for (let o = 0; o < biases.length; o++) {
        for (let i = 0; i < inputs; i++) {
          if (index > 0) biases[o] -= weights[o * inputs + i];
          weights[o * inputs + i] *= (index > 0 ? 2 : 1) * (last ? 1 : 2);
        }
        biases[o] *= last ? 1 : 2;
      }
    }
    const inputs = normalInputs(20, 3);
    const expected = forward(truth, inputs, 20);
    for (const [i, y] of forward(recovered, inputs, 20).entries())
      assert.ok(Math.abs(y - expected[i]) < 1e-12);
    for (const [a, b] of [
      [recovered, truth],
      [truth, recovered],
    ]) {
      const found = compareNetworks(a, b);
      assert.equal(found.converted, a.activation);
      assert.ok(found.maxWeightError! < 1e-12, `maxWeightError ${found.maxWeightError}`);
      assert.ok(found.functionError < 1e-12);
    }
  }
});

test('networks of other activations or another depth are not matched', () => {
  const truth = randomNetwork('tanh', [3, 4, 2]);
  const other = compareNetworks({ ...truth, activation: 'erf' }, truth);
  assert.deepEqual(
    [other.missing, other.excess, other.maxWeightError, other.maxAbsError],
    [[4], [4], null, null],
  );
  assert.ok(other.functionError > 0.001 && other.functionError < 1);
  const deeper = compareNetworks(randomNetwork('tanh', [3, 4, 5, 2]), truth);
  assert.deepEqual([deeper.missing, deeper.excess, deeper.rmsWeightError], [[4, 0], [4, 5], null]);
});

test('a slope of leaky ReLU that differs is an error', () => {
  const truth = randomNetwork('leaky_relu', [3, 4, 2]);
  const found = compareNetworks({ ...truth, slope: truth.slope + 1e-4 }, truth);
  assert.ok(Math.abs(found.maxWeightError! - 1e-4) < 1e-12);
});

test('other numbers of inputs or outputs are an InputError', () => {
  const truth = randomNetwork('tanh', [3, 4, 2]);
  const message = (sizes: number[]) => {
    try {
      compareNetworks(randomNetwork('tanh', sizes), truth);
    } catch (error) {
      assert.ok(error instanceof InputError);
      return error.message;
    }
    return '';
  };
  assert.equal(message([2, 4, 2]), 'the recovered network has 2 inputs, expected 3 as the truth has');
  assert.equal(message([3, 4, 1]), 'the recovered network has 1 outputs, expected 2 as the truth has');
});
