import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../src/base/random.js';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { loadKernels } from '../src/kernels/load.js';
import type { ActivationName } from '../src/network/activations.js';
import { forward } from '../src/network/forward.js';
import type { RecoverOptions } from '../src/options.js';
import { growsLinearly, type Scalar } from '../src/probe/far-field.js';
import type { Network } from '../src/records.js';
import { recover } from '../src/recover.js';
import { syntheticTarget } from '../src/suite/synthetic.js';
import { normalInputs } from './run/networks.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

/** Two neurons of four inputs beside a linear path of the given size. */
function targetOf(activation: ActivationName, size = 1): Network {
  const neurons = syntheticTarget({ family: 'generic', activation, inputs: 4, hidden: 2, seed: 1 });
  return { ...neurons, paths: [{ from: 0, to: 2, weights: normalInputs(4, 1, size) }] };
}

const run = (truth: Network, options: Partial<RecoverOptions> = {}, round = (y: number) => y) =>
  recover(
    (inputs, count) => forward(truth, inputs, count).map(round),
    { inputDimension: 4, seed: 0, ...options },
    environment,
  );

for (const activation of ['tanh', 'sigmoid', 'erf', 'elu', 'g', 'softsign'] as const) {
  test(`${activation} beside a linear path: both are found`, async () => {
    const truth = targetOf(activation);
    const { verdict, network, widths, reason, evidence } = await run(truth);
    assert.equal(verdict, 'identified', reason);
    assert.match(reason, /^2 hidden neurons and a linear path beside them answer/);
    assert.deepEqual(widths, [2]);
    const { maxWeightError, missing, excess } = compareNetworks(network!, truth);
    assert.deepEqual([missing, excess], [[0], [0]]);
    assert.ok(maxWeightError! < 1e-9, `${maxWeightError}`);
    // a standard error for every weight, the path's between the neurons' and the bias
    const { standardErrors, parameters } = evidence.certificate!.identifiability;
    assert.equal(parameters, 2 * 5 + 2 + 4 + 1);
    assert.equal(standardErrors.length, parameters);
  });
}

test('eight neurons of two inputs, which students beside a path imitate first, are found without one', async () => {
  const truth = syntheticTarget({
    family: 'generic',
    activation: 'sigmoid',
    inputs: 2,
    hidden: 8,
    seed: 2,
  });
  const { verdict, network, reason } = await run(truth, { inputDimension: 2, seed: 2 });
  assert.equal(verdict, 'identified', reason);
  assert.equal(network!.paths, undefined);
  assert.ok(compareNetworks(network!, truth).maxWeightError! < 1e-8);
});

test('answers in float32 show it too, and a weak path', async () => {
  for (const [truth, round, near] of [
    [targetOf('tanh'), Math.fround, 1e-3],
    [targetOf('tanh', 1e-6), (y: number) => y, 1e-6],
  ] as const) {
    const { verdict, network, reason } = await run(truth, {}, round);
    assert.equal(verdict, 'identified', reason);
    assert.ok(compareNetworks(network!, truth).maxWeightError! < near);
  }
});

test('within bounds, where nothing may be asked far out', async () => {
  const truth = targetOf('tanh');
  const { verdict, network, reason } = await run(truth, { bounds: [[-2, 3]] });
  assert.equal(verdict, 'identified', reason);
  assert.ok(compareNetworks(network!, truth).maxWeightError! < 1e-8);
});

test('beside ReLU the path and mirrored neurons are one sum: the network that has it is given, and not certain', async () => {
  const truth = targetOf('relu');
  const { verdict, network, reason } = await run(truth);
  assert.equal(verdict, 'imitated');
  assert.match(reason, /only the sum of path and mirrored neurons can be known/);
  assert.equal(network!.paths?.length, 1);
  const inputs = normalInputs(100, 4, 10);
  const [found, expected] = [network!, truth].map((one) => forward(one, inputs, 100));
  for (const [i, value] of expected.entries()) assert.ok(Math.abs(found[i] - value) < 1e-9);
});

const scalar = (value: (x: Float64Array) => number): Scalar => ({
  dimension: 2,
  roundoff: 2 ** -53,
  evaluate: async (points, count) =>
    Float64Array.from({ length: count }, (_, n) => value(points.subarray(2 * n, 2 * n + 2))),
});

test('one linear map far out is told from several, and from none', async () => {
  const grows = (value: (x: Float64Array) => number) =>
    growsLinearly(scalar(value), randomStream('grows', 1), 1e3);
  assert.equal(await grows(([x, y]) => 0.01 * x - 2 * y + 3 + Math.tanh(x + y)), true);
  assert.equal(await grows(([x, y]) => Math.max(0, x + y) + 0.5 * y), false);
  assert.equal(await grows(([x, y]) => Math.tanh(x - y)), false);
});
