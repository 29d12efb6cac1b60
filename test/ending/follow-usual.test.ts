import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followUsual } from '../../src/ending/follow-usual.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type DeepNetwork, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { normalInputs } from '../run/networks.js';

const fitter = createInlineFitter(loadKernels());
const inputs = normalInputs(400, 2, 2);

function answersOf(network: DeepNetwork) {
  const outputs = forward(toDeepNetwork(network, new Float64Array(2).fill(1)), inputs, 400);
  return { inputs, outputs, count: 400, inputDimension: 2, outputDimension: 2 };
}

for (const [name, widths, before] of [
  ['one hidden layer', [3], []],
  ['two', [2, 3], [1, -0.5, 0.3, 0.4, 1, 0.2]],
] as const) {
  test(`${name}: a neuron that hardly switches stays, the others follow the usual answers`, async () => {
    const shape = { inputs: 2, widths, outputs: 2, activation: 'relu', slope: 0, skip: false } as const;
    // the second neuron of the last hidden layer is on far out alone
    const last = [0.6, 0.8, -0.3, 0.8, 0.6, -40, 0.9, -0.5, 0.4];
    const exact = Float64Array.from([...before, ...last, 1, 2, -1, 0.5, 0.7, 3, 1, -0.2]);
    const truth: DeepNetwork = { shape, parameters: exact };
    const off = exact.map((w, i) => w * (1 + 1e-9 * Math.sin(i)));
    const found = await followUsual({ shape, parameters: off }, answersOf(truth), fitter);
    const at = before.length + 3;
    assert.deepEqual(found.parameters.slice(at, at + 3), off.slice(at, at + 3));
    const [own, theirs] = [found, truth].map((one) => answersOf(one).outputs);
    const worst = own.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i])), 0);
    assert.ok(worst < 1e-13, String(worst));
    const start = answersOf({ shape, parameters: off }).outputs;
    assert.ok(start.some((value, i) => Math.abs(value - theirs[i]) > 1e-10));
  });
}
