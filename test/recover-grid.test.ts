import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../src/base/random.js';
import { compareNetworks } from '../src/compare/compare-truth.js';
import { createInlineFitter } from '../src/execute/inline.js';
import { loadKernels } from '../src/kernels/load.js';
import type { ActivationName } from '../src/network/activations.js';
import { forward } from '../src/network/forward.js';
import { type GridRule, resolveGrid } from '../src/network/grid.js';
import type { RecoverOptions } from '../src/options.js';
import type { Network } from '../src/records.js';
import { recover } from '../src/recover.js';

const kernels = loadKernels();
const environment = { kernels, fitter: createInlineFitter(kernels) };

/** Inputs 0 and 5 take any value, 1 to 3 are a group, 4 is an integer from 0 to 4. */
const rules: readonly GridRule[] = [
  { inputs: [1, 2, 3], oneHot: true },
  { inputs: [4], from: 0, to: 4, step: 1 },
];

function targetOf(activation: ActivationName, d = 6, hidden = 3, outputs = 2): Network {
  const random = randomStream('grid target', activation, d, hidden);
  const some = (length: number, size = 1) => Float64Array.from({ length }, () => size * random.normal());
  const weights = some(d * hidden);
  // an integer moves its neurons by as much as the other inputs do
  if (d === 6) for (let j = 0; j < hidden; j++) weights[j * d + 4] /= 2;
  return {
    activation,
    slope: 0,
    layers: [
      { inputs: d, outputs: hidden, weights, biases: some(hidden) },
      { inputs: hidden, outputs, weights: some(hidden * outputs), biases: some(outputs) },
    ],
  };
}

/** Recovers a target on a grid, which every query must lie on. */
async function run(truth: Network, grid: readonly GridRule[], options: Partial<RecoverOptions> = {}) {
  const d = truth.layers[0].inputs;
  const ask = (inputs: Float64Array, count: number) => {
    for (let n = 0; n < count; n++) assert.ok(liesOn(grid, inputs.subarray(n * d, (n + 1) * d)));
    return forward(truth, inputs, count);
  };
  return recover(ask, { inputDimension: d, seed: 0, grid, ...options }, environment);
}

function liesOn(grid: readonly GridRule[], row: Float64Array): boolean {
  return grid.every((rule) => {
    const own = rule.inputs.map((input) => row[input]);
    if ('oneHot' in rule) return own.toSorted().reverse().join() === ['1', ...own.slice(1).fill(0)].join();
    if ('values' in rule) return own.every((x) => rule.values.includes(x));
    return own.every((x) => x >= rule.from && x <= rule.to && Number.isInteger((x - rule.from) / rule.step));
  });
}

for (const activation of ['tanh', 'relu'] as const) {
  test(`${activation} on a grid: recovered to what the grid shows`, async () => {
    const truth = targetOf(activation);
    const { verdict, network, widths, reason, evidence } = await run(truth, rules, { activation });
    assert.equal(verdict, 'identified', reason);
    assert.match(
      reason,
      /but for what no point of the grid shows: a constant added to the weights of inputs 1 to 3/,
    );
    assert.deepEqual(widths, [3]);
    const grid = resolveGrid(rules, 6);
    const { maxWeightError, missing, excess, functionError } = compareNetworks(
      network!,
      truth,
      undefined,
      grid,
    );
    assert.deepEqual([missing, excess], [[0], [0]]);
    assert.ok(maxWeightError! < 1e-9, `${maxWeightError}`);
    assert.ok(functionError < 1e-12, `${functionError}`);
    // off the grid the two are different functions, and their weights are others
    assert.ok(compareNetworks(network!, truth).functionError > 1e-3);
    const { weights } = network!.layers[0];
    for (let j = 0; j < 3; j++) {
      assert.ok(Math.abs(weights[6 * j + 1] + weights[6 * j + 2] + weights[6 * j + 3]) < 1e-13);
    }
    const { certificate } = evidence;
    assert.equal(certificate!.region.kind, 'grid');
    const { standardErrors } = certificate!.identifiability;
    assert.equal(standardErrors.length, 3 * 7 + 2 * 4);
    assert.ok(standardErrors.every((error) => error >= 0 && error < 1e-9));
    assert.match(
      certificate!.unseen[0].equivalents.at(-1)!,
      /^a constant added to the weights of inputs 1 to 3/,
    );
  });
}

test('a neuron that no continuous input moves is not called identified', async () => {
  const truth = targetOf('tanh');
  truth.layers[0].weights[0] = 0;
  truth.layers[0].weights[5] = 0;
  const { verdict, reason } = await run(truth, rules, { activation: 'tanh' });
  assert.equal(verdict, 'imitated');
  assert.match(reason, /no continuous input moves neuron \d|do not determine every weight|are known only to/);
});

test('integers alone: enough of them determine a network, few do not', async () => {
  const truth = targetOf('tanh', 2, 2, 1);
  const many: readonly GridRule[] = [{ inputs: [0, 1], from: -4, to: 4, step: 1 }];
  const found = await run(truth, many, { activation: 'tanh' });
  assert.equal(found.verdict, 'identified', found.reason);
  const { maxWeightError } = compareNetworks(found.network!, truth);
  assert.ok(maxWeightError! < 1e-8, `${maxWeightError}`);
  const few: readonly GridRule[] = [{ inputs: [0, 1], values: [0, 1] }];
  const unknown = await run(truth, few, { activation: 'tanh', depth: 1 });
  assert.notEqual(unknown.verdict, 'identified', unknown.reason);
});

test('within bounds, which the values of a grid must keep', async () => {
  const truth = targetOf('tanh');
  const bounded: RecoverOptions['bounds'] = [[-3, 5]];
  const { verdict, network, reason } = await run(truth, rules, { activation: 'tanh', bounds: bounded });
  assert.equal(verdict, 'identified', reason);
  const { maxWeightError } = compareNetworks(network!, truth, undefined, resolveGrid(rules, 6));
  assert.ok(maxWeightError! < 1e-9, `${maxWeightError}`);
  await assert.rejects(run(truth, rules, { bounds: [[-3, 3]] }), {
    message: 'grid has the value 4 of input 4, expected values within its bounds from -3 to 3',
  });
});
