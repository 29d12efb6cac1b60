import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { compareNetworks, type Network, recover } from '../../src/index.js';
import { forward } from '../../src/network/forward.js';
import { lookFirst } from '../../src/query/first-sight.js';
import { askInFrame } from '../../src/query/in-frame.js';
import { type PlaceOptions, placeSource } from '../../src/query/misplaced.js';
import { meterTarget, type Oracle, type Target } from '../../src/query/oracle.js';
import { placeInputs } from '../../src/query/place-inputs.js';
import { queriesAsSource, type Source } from '../../src/query/source.js';

/** Inputs as people measure them: an age, a blood pressure, a share. */
const means = [54, 131, 0.02];
const deviations = [9, 17, 0.004];

/** Rows of weights and biases of neurons of standardised inputs, as those of the inputs themselves. */
function ofMeasured(rows: readonly number[][], biases: readonly number[]) {
  const weights = rows.map((row) => row.map((w, i) => w / deviations[i]));
  return {
    weights: Float64Array.from(weights.flat()),
    biases: Float64Array.from(biases, (b, j) => b - weights[j].reduce((sum, w, i) => sum + w * means[i], 0)),
  };
}

const network = (activation: Network['activation']): Network => ({
  activation,
  slope: 0,
  layers: [
    {
      inputs: 3,
      outputs: 4,
      ...ofMeasured(
        [
          [1.2, -0.7, 0.3],
          [0.4, 1.5, -0.9],
          [-1.1, 0.5, 1.3],
          [0.6, 0.8, 1.1],
        ],
        [0.3, -0.6, 0.2, 0.8],
      ),
    },
    {
      inputs: 4,
      outputs: 1,
      weights: Float64Array.of(1.5, -0.8, 0.6, 1.1),
      biases: Float64Array.of(0.25),
    },
  ],
});

const target =
  (of: Network): Target =>
  (inputs, count) =>
    forward(of, inputs, count);

const scalar = (of: Network) => ({
  dimension: 3,
  ask: async (points: Float64Array, count: number) => forward(of, points, count),
  roundoff: 2 ** -53,
  step: 0,
  seed: 1,
});

for (const activation of ['relu', 'tanh', 'elu'] as const) {
  test(`${activation} neurons of measured inputs are placed where they bend`, async () => {
    const { shifts, scales } = await placeInputs(scalar(network(activation)));
    const { weights, biases } = network(activation).layers[0];
    for (let j = 0; j < 4; j++) {
      const row = Array.from({ length: 3 }, (_, i) => weights[3 * j + i] * scales[i]);
      const at = shifts.reduce((sum, shift, i) => sum + weights[3 * j + i] * shift, biases[j]);
      assert.ok(Math.abs(at) / Math.hypot(...row) < 4, `neuron ${j}: ${at / Math.hypot(...row)}`);
    }
    // relative to each other the scales are those of the inputs, up to what the weights say of them
    const relative = scales.map((scale, i) => Math.log10(scale / deviations[i]));
    assert.ok(Math.max(...relative) - Math.min(...relative) < 1, String(relative));
  });
}

test('a target of usual inputs keeps its source, and is asked for two gradients beside the first queries', async () => {
  const random = randomStream('usual');
  const usual: Network = {
    activation: 'tanh',
    slope: 0,
    layers: [
      {
        inputs: 3,
        outputs: 4,
        weights: Float64Array.from({ length: 12 }, () => random.normal()),
        biases: Float64Array.from({ length: 4 }, () => random.normal()),
      },
      { inputs: 4, outputs: 1, weights: Float64Array.of(1, -1, 2, 1), biases: Float64Array.of(0) },
    ],
  };
  const oracle = meterTarget(target(usual), 3, 1e4);
  const source = queriesAsSource(oracle, 0);
  const options = { seed: 0, first: { spread: 2, count: 300 }, budget: 1e6, isSuspected: false };
  assert.equal(await placeSource(source, oracle, sighted(source, oracle, options)), source);
  assert.ok(oracle.queries <= 300 + 4 * 4, String(oracle.queries));
});

/** Options with what the first answers show. */
const sighted = (source: Source, oracle: Oracle, options: Omit<PlaceOptions, 'sight'>): PlaceOptions => ({
  ...options,
  sight: () => lookFirst(source, oracle, options.first, options.seed),
});

test('a head that is saturated at most points makes no input uneven', async () => {
  const random = randomStream('saturated');
  const d = 48;
  const some = (count: number, size: number) =>
    Float64Array.from({ length: count }, () => size * random.normal());
  const layers = [
    { inputs: d, outputs: 4, weights: some(4 * d, 0.2), biases: some(4, 0.3) },
    { inputs: 4, outputs: 3, weights: some(12, 8), biases: some(3, 0.3) },
  ];
  const head = { name: 'softmax', lower: new Float64Array(), upper: new Float64Array() } as const;
  const oracle = meterTarget(target({ activation: 'tanh', slope: 0, layers, head }), d, 1e6);
  const source = queriesAsSource(oracle, 1);
  const first = { spread: 1, count: 200 };
  const kept = await placeSource(
    source,
    oracle,
    sighted(source, oracle, { seed: 1, first, budget: 1e6, isSuspected: false }),
  );
  assert.equal(kept, source);
  assert.ok(oracle.queries < 1000, `${oracle.queries} queries`);
});

test('probabilities of float64 are placed where they vary, not where they are 1e-70 and as plain to see', async () => {
  // three neurons bend near 0, where the sums are −30, and two at 900, behind which they rise to 0
  const rows = [1, 0.02, 1, -0.02, -1, 0.02, 1, 0.02, 1, -0.02];
  const outgoing = [0.002, 0.0014, -0.001, 0.4, 0.3];
  const layers = [
    {
      inputs: 2,
      outputs: 5,
      weights: Float64Array.from(rows),
      biases: Float64Array.of(-0.5, 0.7, 0.3, -900, -918),
    },
    {
      inputs: 5,
      outputs: 2,
      weights: Float64Array.from([...outgoing, ...outgoing.map((w) => -w)]),
      biases: Float64Array.of(-15, 15),
    },
  ];
  const head = { name: 'softmax', lower: new Float64Array(), upper: new Float64Array() } as const;
  const oracle = meterTarget(target({ activation: 'relu', slope: 0, layers, head }), 2, 1e6);
  const source = queriesAsSource(oracle, 0);
  const first = { spread: 2, count: 300 };
  const options = { seed: 0, first, budget: 1e6, isSuspected: true };
  const placed = await placeSource(source, oracle, sighted(source, oracle, options));
  assert.notEqual(placed, source);
  const { outputs } = await placed.collect().take(first.spread, first.count);
  const own = outputs.filter((_, i) => i % 2 === 0);
  const share = own.filter((p) => p > 0.01 && p < 0.99).length / own.length;
  assert.ok(Math.max(...own) - Math.min(...own) > 0.9 && share > 0.01, `${share}`);
});

test('placing is left out where it would take most of the budget', async () => {
  const measured = network('relu');
  const first = { spread: 2, count: 300 };
  const queriesOf = async (budget: number) => {
    const oracle = meterTarget(target(measured), 3, budget);
    const source = queriesAsSource(oracle, 0);
    const placed = await placeSource(
      source,
      oracle,
      sighted(source, oracle, { seed: 0, first, budget, isSuspected: false }),
    );
    return { isPlaced: placed !== source, queries: oracle.queries };
  };
  assert.deepEqual(await queriesOf(2000), { isPlaced: false, queries: 0 });
  assert.equal((await queriesOf(1e5)).isPlaced, true);
});

test('noise is no place where answers bend', async () => {
  const random = randomStream('noise');
  const noisy: Target = (inputs, count) =>
    forward(network('tanh'), inputs, count).map((y) => y + 1e-3 * random.normal());
  const oracle = meterTarget(noisy, 3, 1e5);
  const source = queriesAsSource(oracle, 0);
  const options = { seed: 0, first: { spread: 2, count: 300 }, budget: 1e6, isSuspected: true };
  assert.equal(await placeSource(source, oracle, sighted(source, oracle, options)), source);
});

test('answers of three digits, of a target that takes no large inputs, are asked nothing further', async () => {
  const coarse: Target = (inputs, count) => {
    assert.ok(inputs.every((x) => Math.abs(x) < 65504));
    return forward(network('tanh'), inputs, count).map((y) => Number(y.toPrecision(3)));
  };
  const oracle = meterTarget(coarse, 3, 1e5);
  const source = queriesAsSource(oracle, 0);
  const options = { seed: 0, first: { spread: 2, count: 300 }, budget: 1e6, isSuspected: true };
  assert.equal(await placeSource(source, oracle, sighted(source, oracle, options)), source);
  assert.equal(oracle.queries, 300);
});

test('coordinates of a frame are those of numbers that the target reads', async () => {
  const frame = { shifts: Float64Array.of(Math.fround(54.3)), scales: Float64Array.of(0.25) };
  const asked: number[] = [];
  const base = meterTarget(
    (inputs, count) => {
      asked.push(...inputs);
      return new Float64Array(count);
    },
    1,
    100,
  );
  const oracle = askInFrame(base, frame, 'float32');
  const snapped = oracle.snap!(Float64Array.of(0.1));
  await oracle.ask(snapped, 1);
  assert.equal(asked[0], Math.fround(asked[0]));
  assert.equal(oracle.ledger.kept()[0].inputs[0], snapped[0]);
  assert.ok(Math.abs(snapped[0] - 0.1) < 4 * 54.3 * 2 ** -24);
});

for (const activation of ['relu', 'tanh'] as const) {
  test(`a ${activation} network of ages and blood pressures is recovered from float32 answers, and says where`, async () => {
    const truth = network(activation);
    const rounded: Target = (inputs, count) =>
      forward(truth, inputs.map(Math.fround), count).map(Math.fround);
    const { verdict, network: found, evidence } = await recover(rounded, { inputDimension: 3, seed: 1 });
    assert.equal(verdict, 'identified');
    const { missing, excess, maxWeightError } = compareNetworks(found!, truth);
    assert.deepEqual([missing, excess], [[0], [0]]);
    assert.ok(maxWeightError! < 1e-4, String(maxWeightError));
    assert.ok(evidence.placed !== undefined);
    assert.deepEqual(evidence.certificate!.region.around, evidence.placed);
  });
}
