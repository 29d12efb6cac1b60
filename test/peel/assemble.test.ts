import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { assemble } from '../../src/peel/assemble.js';
import { peel, peelIncoming } from '../../src/peel/peeled.js';
import { resolveSigns } from '../../src/reconstruct/signs.js';
import type { Dataset, KnownLayer, Network } from '../../src/records.js';
import { normalInputs } from '../run/networks.js';

const network = (activation: 'tanh' | 'relu'): Network => ({
  activation,
  slope: 0,
  layers: [
    {
      inputs: 3,
      outputs: 2,
      weights: Float64Array.of(1, -2, 0.5, 0.5, 1, -1.5),
      biases: Float64Array.of(0.25, -0.5),
    },
    {
      inputs: 2,
      outputs: 2,
      weights: Float64Array.of(1.5, -0.75, 0.5, 2),
      biases: Float64Array.of(-0.5, 0.25),
    },
    { inputs: 2, outputs: 1, weights: Float64Array.of(2, -1), biases: Float64Array.of(0.5) },
  ],
});

const rows = ({ inputs, outputs, weights, biases }: Network['layers'][number]): number[][] =>
  Array.from({ length: outputs }, (_, j) => [...weights.subarray(j * inputs, (j + 1) * inputs), biases[j]]);

const count = 40;
const sample: Dataset = {
  inputs: normalInputs(count, 3, 2),
  outputs: new Float64Array(count),
  count,
  inputDimension: 3,
  outputDimension: 1,
};

const told = (skip: Float64Array, maps: Float64Array, half: number | undefined) => {
  const resolved = resolveSigns(skip, maps, half, 1e-9);
  return resolved.kind === 'resolved' ? resolved : undefined;
};

/** Whether a network answers as another does. */
function assertSame(found: Network, target: Network): void {
  const wanted = forward(target, sample.inputs, count);
  for (const [n, answer] of forward(found, sample.inputs, count).entries()) {
    assert.ok(Math.abs(answer - wanted[n]) < 1e-12, `${answer} instead of ${wanted[n]}`);
  }
}

test('a known layer and the network behind it make the target', () => {
  const target = network('tanh');
  const [first, second, last] = target.layers;
  const incoming = Float64Array.from(rows(first).flat());
  const known: KnownLayer = { activation: 'tanh', slope: 0, inputs: 3, incoming, oriented: true };
  const peeled = peel([known], sample, 2);
  const behind = peelIncoming(peeled, Float64Array.from(rows(second).flat()));
  const shape = {
    ...{ inputs: 2, hidden: 2, outputs: 1, slope: 0, skip: false },
    activation: 'tanh',
  } as const;
  const found = { shape, parameters: Float64Array.of(...behind, ...rows(last)[0]) };
  const assembled = assemble(peeled, found, told)!;
  assert.deepEqual(assembled.shape.widths, [2, 2]);
  assertSame(toDeepNetwork(assembled, Float64Array.of(1)), target);
});

test('a mirrored neuron of the known layer is turned by what the next layer sees past it', () => {
  const target = network('relu');
  const [first, second, last] = target.layers;
  const [own, other] = rows(first);
  const mirrored = own.map((weight) => -weight);
  const known: KnownLayer = {
    ...{ activation: 'relu', slope: 0, inputs: 3, oriented: false },
    incoming: Float64Array.from([...mirrored, ...other]),
  };
  // relu(z) = relu(−z) + z: the next layer sees z = w·x + b past the mirrored neuron
  const seen = rows(second).map(([a, b, bias]) => [
    a,
    b,
    ...own.slice(0, 3).map((weight) => a * weight),
    bias + a * own[3],
  ]);
  const peeled = peel([known], sample, 2);
  const behind = peelIncoming(peeled, Float64Array.from(seen.flat()));
  const shape = {
    ...{ inputs: 5, hidden: 2, outputs: 1, slope: 0, skip: false },
    activation: 'relu',
  } as const;
  const found = { shape, parameters: Float64Array.of(...behind, ...rows(last)[0]) };
  const assembled = assemble(peeled, found, told)!;
  assert.deepEqual([...assembled.parameters.subarray(0, 8)], [...own, ...other]);
  assertSame(toDeepNetwork(assembled, Float64Array.of(1)), target);
  assert.equal(
    assemble(peeled, found, () => undefined),
    undefined,
    'signs that are not told make no network',
  );
});
