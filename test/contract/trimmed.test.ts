import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addWhereLoud, descendTrimmed } from '../../src/contract/trimmed.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type DeepNetwork, fromMatrices, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { firstPairs } from '../../src/records.js';
import { normalInputs } from '../run/networks.js';

const fitter = createInlineFitter(loadKernels());
const floor = 1e-26;
const first = [1.2, -0.7, 0.3, 0.5, 1.4, -0.2];
const second = [1.5, -0.8, 0.1, 0.9, 1.1, -0.6];
/** Active where the second neuron of the first layer gives much and the first one little: at 3 % of normal inputs. */
const rare = [-3, 1, -2.2];

const network = (incoming: readonly number[], outgoing: readonly number[]) =>
  fromMatrices('relu', 0, [
    { rows: 2, values: Float64Array.from(first) },
    { rows: incoming.length / 3, values: Float64Array.from(incoming) },
    { rows: 1, values: Float64Array.from(outgoing) },
  ]);

const target = network([...second, ...rare], [1.3, -0.9, 2, 0.2]);

function answer(inputs: Float64Array) {
  const count = inputs.length / 2;
  const outputs = forward(toDeepNetwork(target, Float64Array.of(1)), inputs, count);
  return { inputs, outputs, count, inputDimension: 2, outputDimension: 1 };
}

const all = answer(normalInputs(40_000, 2));
/** Where the rare neuron is inactive it changes nothing, so without it a network is right there. */
const lacking = network(
  second.map((value) => 1.001 * value),
  [1.301, -0.899, 0.21],
);

test('a network descends on what it explains, and is loud where it lacks a neuron', async () => {
  const {
    network: fit,
    kept,
    loud,
    share,
  } = await descendTrimmed(lacking, firstPairs(all, 1000), floor, fitter);
  assert.ok(fit.loss <= floor, `${fit.loss}`);
  assert.equal(kept.count + loud.count, 1000);
  assert.ok(share > 0 && share < 0.1, `${share}`);
  const active = (n: number) => {
    const [x, y] = loud.inputs.subarray(2 * n, 2 * n + 2);
    const [h, k] = [0, 3].map((at) => Math.max(0, first[at] * x + first[at + 1] * y + first[at + 2]));
    return rare[0] * h + rare[1] * k + rare[2] > 0;
  };
  for (let n = 0; n < loud.count; n++) assert.ok(active(n), `sample ${n}`);
});

test('a neuron is added where samples are loud, and is the target’s', async () => {
  const asked: number[] = [];
  const answers = {
    count: 250,
    take: async (count: number) => {
      asked.push(count);
      return firstPairs(all, count);
    },
    askNear: async () => firstPairs(all, 0),
  };
  const grown = await addWhereLoud(lacking, answers, floor, fitter);
  assert.equal(grown?.added, 1);
  const found: DeepNetwork = grown.network;
  assert.deepEqual(found.shape.widths, [2, 3]);
  const own = Array.from({ length: 3 }, (_, j) => found.parameters.subarray(6 + 3 * j, 9 + 3 * j));
  const cosine = Math.max(
    ...own.map(
      (vector) =>
        vector.reduce((sum, w, k) => sum + w * rare[k], 0) / Math.hypot(...vector) / Math.hypot(...rare),
    ),
  );
  assert.ok(cosine > 1 - 1e-6, `${cosine}`);
  assert.ok(Math.max(...asked) <= 40_000);
});
