import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareNetworks } from '../../src/compare/compare-truth.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import { meterTarget, type Target } from '../../src/query/oracle.js';
import { nearerSource, usualSize } from '../../src/query/shrink.js';
import { queriesAsSource } from '../../src/query/source.js';
import type { Network } from '../../src/records.js';
import { recover } from '../../src/recover.js';
import { twoLayers } from '../probe/rounded-networks.js';

const sourceOf = (target: Target, d: number) =>
  queriesAsSource(meterTarget(target, d, Number.POSITIVE_INFINITY), 0);

/** The network with so many times the first weights: it is to inputs of a fraction what the other is to usual ones. */
const steeper = (network: Network, factor: number): Network => ({
  ...network,
  layers: network.layers.map((layer, at) =>
    at > 0 ? layer : { ...layer, weights: layer.weights.map((weight) => factor * weight) },
  ),
});

const answersOf =
  (network: Network): Target =>
  (inputs, count) =>
    forward(network, inputs, count);

test('inputs are too large by the power of two at which answers begin to vary less; else by none', async () => {
  const network = twoLayers('tanh');
  const sizeOf = async (target: Target) => (await usualSize(sourceOf(target, 3), 0)).factor;
  assert.equal(await sizeOf(answersOf(network)), 1);
  const [one, other] = await Promise.all(
    [64, 128].map((factor) => sizeOf(answersOf(steeper(network, factor)))),
  );
  assert.ok(one <= 1 / 16 && one >= 1 / 256, String(one));
  assert.equal(other, one / 2);
  // what grows varies less at every smaller size, and steps as much down to the smallest
  assert.equal(await sizeOf(answersOf(steeper(twoLayers('relu'), 64))), 1);
  const step: Target = (inputs, count) =>
    Float64Array.from({ length: count }, (_, n) => Math.sign(inputs[3 * n] + inputs[3 * n + 1]));
  assert.equal(await sizeOf(step), 1);
  assert.equal(await nearerSource(sourceOf(step, 3), 0), undefined);
});

test('a source of smaller inputs asks at a fraction of its coordinates, and tells every answer in them', async () => {
  const sum: Target = (inputs, count) =>
    Float64Array.from({ length: count }, (_, n) => inputs[2 * n] + 10 * inputs[2 * n + 1]);
  const frame = { shifts: new Float64Array(2), scales: new Float64Array(2).fill(1 / 16) };
  const source = sourceOf(sum, 2).inFrame!(frame, 'float64');
  assert.deepEqual([...(await source.ask(Float64Array.of(16, 32), 1, 'samples'))], [21]);
  const { inputs, outputs, count } = await source.collect().take(2, 200);
  const square = inputs.reduce((all, value) => all + value ** 2 / inputs.length, 0);
  assert.ok(Math.abs(Math.sqrt(square) - 2) < 0.2, 'the cloud has the spread that was asked for');
  for (let n = 0; n < count; n++) {
    assert.ok(Math.abs(16 * outputs[n] - inputs[2 * n] - 10 * inputs[2 * n + 1]) < 1e-9);
  }
  const { kept, given } = source.answers();
  assert.equal(given, 201);
  assert.deepEqual([...kept[0].inputs], [16, 32]);
  assert.equal(source.frame?.scales[1], 1 / 16);
});

test('a network in float32 that is saturated at usual inputs is recovered, its region in units of its own', async () => {
  const network = steeper(twoLayers('tanh'), 64);
  const kernels = loadKernels();
  const { verdict, widths, reason, ...recovery } = await recover(
    (inputs, count) => forward(network, inputs.map(Math.fround), count).map(Math.fround),
    { inputDimension: 3, activation: 'tanh', depth: 2 },
    { kernels, fitter: createInlineFitter(kernels) },
  );
  assert.equal(verdict, 'identified', reason);
  assert.deepEqual(widths, [3, 3]);
  const { functionError, maxWeightError } = compareNetworks(recovery.network!, network);
  assert.ok(maxWeightError! < 1e-4 && functionError < 1e-4, `${maxWeightError} ${functionError}`);
  const { around, least } = recovery.evidence.certificate!.region;
  assert.equal(least, 0.1);
  assert.ok(around!.scales.every((scale) => scale <= 1 / 8 && scale >= 1 / 256));
});
