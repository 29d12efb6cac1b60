import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { forward } from '../../src/network/forward.js';
import type { Network } from '../../src/records.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

/** Three inputs, five neurons whose sums are normalised, two outputs. */
function truthOf(activation: 'tanh' | 'relu'): Network {
  const norm = {
    gains: Float64Array.of(1.1, 0.8, -0.9, 1.3, 0.7),
    shifts: Float64Array.of(0.2, -0.1, 0.4, 0, -0.3),
    epsilon: 1e-5,
  };
  return { ...randomNetwork(activation, [3, 5, 2], 'normalised'), slope: 0, norms: [norm] };
}

/** The same function: neurons in another order, a vector common to all rows, their length and sign, and signs or scales. */
function rewritten(truth: Network): Network {
  const order = [3, 0, 4, 1, 2];
  const [first, last] = truth.layers;
  const { gains, shifts, epsilon } = truth.norms![0]!;
  const common = [0.7, -1.2, 0.3, 2];
  const factor = -3;
  const isOdd = truth.activation === 'tanh';
  const turn = order.map((_, j) => (isOdd ? (j % 2 === 0 ? -1 : 1) : 0.5 + j));
  const weights = order.flatMap((from) =>
    [0, 1, 2].map((k) => factor * first.weights[3 * from + k] + common[k]),
  );
  return {
    ...truth,
    norms: [
      {
        gains: Float64Array.from(order, (from, j) => -turn[j] * gains[from]),
        shifts: Float64Array.from(order, (from, j) => turn[j] * shifts[from]),
        epsilon: epsilon * factor ** 2,
      },
    ],
    layers: [
      {
        ...first,
        weights: Float64Array.from(weights),
        biases: Float64Array.from(order, (from) => factor * first.biases[from] + common[3]),
      },
      {
        ...last,
        weights: Float64Array.from(
          [0, 1].flatMap((o) => order.map((from, j) => last.weights[5 * o + from] / turn[j])),
        ),
      },
    ],
  };
}

for (const activation of ['tanh', 'relu'] as const) {
  test(`${activation}: what a normalisation removes is no difference`, () => {
    const truth = truthOf(activation);
    const other = rewritten(truth);
    const inputs = normalInputs(40, 3, 2);
    const [y, z] = [truth, other].map((network) => forward(network, inputs, 40));
    assert.ok(y.every((value, n) => Math.abs(value - z[n]) < 1e-13));
    const { missing, excess, maxWeightError, maxAbsError, functionError, neurons } = compareNetworks(
      other,
      truth,
    );
    assert.deepEqual([missing, excess], [[0], [0]]);
    assert.ok(maxWeightError! < 1e-14 && maxAbsError! < 1e-13, `${maxWeightError}`);
    assert.ok(functionError < 1e-14);
    assert.deepEqual(
      neurons[0].map(({ recovered }) => recovered),
      [1, 3, 4, 0, 2],
    );
  });

  test(`${activation}: a weight, a gain or an outgoing weight that is off counts relative to its part`, () => {
    const truth = truthOf(activation);
    const rows = truth.layers[0];
    const moved = rows.weights.slice();
    moved[4] += 0.01;
    const byWeight = compareNetworks(
      { ...truth, layers: [{ ...rows, weights: moved }, truth.layers[1]] },
      truth,
    );
    assert.ok(byWeight.maxWeightError! > 1e-3 && byWeight.maxWeightError! < 2e-2);
    const [norm] = truth.norms!;
    const gains = norm!.gains.with(2, -0.95);
    const byGain = compareNetworks({ ...truth, norms: [{ ...norm!, gains }] }, truth);
    assert.ok(byGain.maxWeightError! > 1e-2 && byGain.maxWeightError! < 0.1);
    assert.deepEqual(byGain.missing, [0]);
  });
}

test('a normalised network and one that is not have no neurons in common', () => {
  const truth = truthOf('tanh');
  const { norms: _, ...plain } = truth;
  const { missing, excess, maxWeightError, functionError } = compareNetworks(plain, truth);
  assert.deepEqual([missing, excess], [[5], [5]]);
  assert.equal(maxWeightError, null);
  assert.ok(functionError > 0.01);
});

test('sigmoid behind a normalisation is tanh with other gains', () => {
  const tanh = truthOf('tanh');
  const [norm] = tanh.norms!;
  const [first, last] = tanh.layers;
  // tanh(u) = 2·sigmoid(2u) − 1
  const sigmoid: Network = {
    ...tanh,
    activation: 'sigmoid',
    norms: [{ ...norm!, gains: norm!.gains.map((g) => 2 * g), shifts: norm!.shifts.map((s) => 2 * s) }],
    layers: [
      first,
      {
        ...last,
        weights: last.weights.map((w) => 2 * w),
        biases: last.biases.map(
          (b, o) => b - last.weights.subarray(5 * o, 5 * o + 5).reduce((s, w) => s + w, 0),
        ),
      },
    ],
  };
  const { maxWeightError, converted } = compareNetworks(sigmoid, tanh);
  assert.equal(converted, 'sigmoid');
  assert.ok(maxWeightError! < 1e-14, `${maxWeightError}`);
});
