import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { compareNetworks, type Network, recover } from '../../src/index.js';
import { forward } from '../../src/network/forward.js';
import { findClippedInputs } from '../../src/query/clipped-inputs.js';

/** A network with random weights for inputs of size 1. */
function randomNetwork(label: string, sizes: readonly number[], activation: Network['activation']): Network {
  const random = randomStream('clipped inputs test', label);
  const layers = sizes.slice(1).map((outputs, l) => ({
    inputs: sizes[l],
    outputs,
    weights: Float64Array.from(
      { length: outputs * sizes[l] },
      () => (1.5 * random.normal()) / Math.sqrt(sizes[l]),
    ),
    biases: Float64Array.from({ length: outputs }, () => 0.5 * random.normal()),
  }));
  return { activation, slope: 0, layers };
}

/** What a policy answers that clips its observations. */
function clipped(network: Network, lower: readonly number[], upper: readonly number[]) {
  const d = lower.length;
  return (inputs: Float64Array, count: number) =>
    forward(
      network,
      inputs.map((x, i) => Math.min(upper[i % d], Math.max(lower[i % d], x))),
      count,
    );
}

const placed = (ask: (points: Float64Array, count: number) => Float64Array, dimension: number, seed = 0) => {
  let queries = 0;
  return {
    dimension,
    seed,
    roundoff: 2 ** -53,
    step: 0,
    ask: async (points: Float64Array, count: number) => {
      queries += count;
      return ask(points, count);
    },
    queries: () => queries,
  };
};

const lower = [-5, 20, -0.3];
const upper = [5, 31, 1.1];

for (const activation of ['relu', 'tanh', 'silu'] as const) {
  test(`the ranges to which observations of ${activation} neurons are clipped are found, whatever the seed`, async () => {
    const network = randomNetwork(activation, [3, 8, 1], activation);
    for (let k = 0; k < 3; k++) network.layers[0].weights.set([0.4, -0.1, 2], 3 * k);
    for (let seed = 0; seed < 4; seed++) {
      const found = await findClippedInputs(placed(clipped(network, lower, upper), 3, seed));
      assert.ok(found !== undefined, `seed ${seed}`);
      for (let i = 0; i < 3; i++) {
        const width = upper[i] - lower[i];
        assert.ok(found.lower[i] > lower[i] && found.lower[i] < lower[i] + 2e-5 * width, `${found.lower[i]}`);
        assert.ok(found.upper[i] < upper[i] && found.upper[i] > upper[i] - 2e-5 * width, `${found.upper[i]}`);
      }
    }
  });
}

test('what saturates or bends along several inputs is not clipped', async () => {
  for (const activation of ['relu', 'tanh', 'hardtanh', 'sigmoid', 'erf', 'gelu', 'sin'] as const) {
    for (let seed = 0; seed < 4; seed++) {
      const target = placed(
        (points, count) =>
          forward(randomNetwork(`${activation} ${seed}`, [3, 4, 1], activation), points, count),
        3,
        seed,
      );
      assert.equal(await findClippedInputs(target), undefined, `${activation}, seed ${seed}`);
    }
  }
  const relu = placed((points, count) => forward(randomNetwork('cost', [3, 4, 1], 'relu'), points, count), 3);
  await findClippedInputs(relu);
  assert.equal(relu.queries(), 6);
});

test('inputs of which one is not clipped, or on one side, are left as they are', async () => {
  const network = randomNetwork('half', [3, 8, 1], 'relu');
  const open = clipped(network, [-5, 20, Number.NEGATIVE_INFINITY], upper);
  assert.equal(await findClippedInputs(placed(open, 3)), undefined);
});

for (const round of ['float64', 'float32'] as const) {
  test(`a policy that clips its observations is recovered within the bounds that are found, in ${round}`, async () => {
    const network = randomNetwork('policy', [2, 4, 2], 'tanh');
    const [low, high] = [
      [-2, -1.5],
      [2.5, 2],
    ];
    const ask = clipped(network, low, high);
    const target = (inputs: Float64Array, count: number) =>
      round === 'float64' ? ask(inputs, count) : ask(inputs.map(Math.fround), count).map(Math.fround);
    const { verdict, reason, evidence, network: found } = await recover(target, { inputDimension: 2 });
    assert.equal(verdict, 'identified', reason);
    assert.match(reason, /clips its inputs.*--bounds="-1\.9999\d*,2\.4999\d*;-1\.4999\d*,1\.9999\d*"$/);
    assert.equal(evidence.certificate!.region.kind, 'bounds');
    assert.deepEqual(evidence.options.bounds, evidence.clipped);
    const { missing, excess, maxWeightError } = compareNetworks(found!, network, evidence.clipped);
    assert.deepEqual([missing, excess], [[0], [0]]);
    assert.ok(maxWeightError! < (round === 'float64' ? 1e-9 : 1e-4), `${maxWeightError}`);
  });
}
