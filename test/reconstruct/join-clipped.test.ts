import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type ActivationName, activations } from '../../src/network/activations.js';
import { joinParameters } from '../../src/network/shallow.js';
import { drawInputs } from '../../src/query/collect.js';
import { joinClipped } from '../../src/reconstruct/join-clipped.js';
import type { Dataset } from '../../src/records.js';

const fitter = createInlineFitter(loadKernels());
const tolerance = 1e-24;

/** Rows (w₁, w₂, b, a₁, a₂) of neurons with two inputs and two outputs. */
type Rows = readonly (readonly number[])[];

function datasetOf(activation: ActivationName, rows: Rows): Dataset {
  const count = 600;
  const inputs = drawInputs(['clipped'], count, 2, 2);
  const outputs = new Float64Array(2 * count);
  for (let n = 0; n < count; n++) {
    for (const [w1, w2, b, a1, a2] of rows) {
      const h = activations[activation].value(w1 * inputs[2 * n] + w2 * inputs[2 * n + 1] + b, 0);
      outputs[2 * n] += a1 * h;
      outputs[2 * n + 1] += a2 * h;
    }
  }
  return { inputs, outputs, count, inputDimension: 2, outputDimension: 2 };
}

function found(activation: ActivationName, rows: Rows, skip: boolean) {
  const shape = { inputs: 2, hidden: rows.length, outputs: 2, activation, slope: 0, skip };
  const incoming = Float64Array.from(rows.flatMap((row) => row.slice(0, 3)));
  const rest = skip ? [0, 0, 0] : [0];
  const outgoing = [3, 4].flatMap((at) => [...rows.map((row) => row[at]), ...rest]);
  return { shape, parameters: joinParameters(incoming, Float64Array.from(outgoing)), loss: 0, deletions: [] };
}

test('ReLU neurons that are clipped ones in pairs are written as half as many clipped ones', async () => {
  // hardtanh(z) = relu(z + 1) − relu(z − 1) − 1, one of the pair turned as an affine path allows
  const truth = [
    [1, 0.5, 0.2, 1, -0.5],
    [-0.7, 1.2, 0.1, 0.4, 2],
  ];
  const relus = truth.flatMap(([w1, w2, b, a1, a2]) => [
    [w1, w2, b + 1, a1, a2],
    [-w1 / 2, -w2 / 2, -(b - 1) / 2, -2 * a1, -2 * a2],
  ]);
  const dataset = datasetOf('hardtanh', truth);
  const joined = await joinClipped(found('relu', relus, true), dataset, tolerance, fitter);
  assert.ok(joined !== undefined);
  assert.deepEqual([joined.shape.activation, joined.shape.hidden, joined.shape.skip], ['hardtanh', 2, false]);
  for (const [w1, w2, b] of truth) {
    const isThere = [0, 1].some((j) => {
      const vector = joined.parameters.subarray(3 * j, 3 * j + 3);
      const sign = Math.sign(vector[0] * w1);
      return [w1, w2, b].every((value, k) => Math.abs(sign * vector[k] - value) < 1e-10);
    });
    assert.ok(isThere, `${w1} ${w2} ${b}`);
  }
});

test('ReLU neurons of which one has no partner stay what they are', async () => {
  const rows = [
    [1, 0.5, 1.2, 1, -0.5],
    [1, 0.5, -0.8, -1, 0.5],
    [0.3, -1, 0.4, 1, 1],
  ];
  const dataset = datasetOf('relu', rows);
  assert.equal(await joinClipped(found('relu', rows, true), dataset, tolerance, fitter), undefined);
});

test('a clipped neuron that a student split in two is joined', async () => {
  const truth = [[1, 0.5, 0.2, 1, -0.5]];
  // between its kinks at z = −1 and 1 it is split at 0.4: [−1, 0.4] and [0.4, 1], of the same slope
  const half = (low: number, high: number) => {
    const factor = 2 / (high - low);
    const shift = -(low + high) / (high - low);
    return [factor, factor / 2, 0.2 * factor + shift, 1 / factor, -0.5 / factor];
  };
  const dataset = datasetOf('hardtanh', truth);
  const split = found('hardtanh', [half(-1, 0.4), half(0.4, 1)], false);
  const joined = await joinClipped(split, dataset, tolerance, fitter);
  assert.equal(joined?.shape.hidden, 1);
  assert.ok(joined.loss <= tolerance);
});

test('other activations, and clipped neurons that are as few as they can be, are left alone', async () => {
  const rows = [
    [1, 0.5, 0.2, 1, -0.5],
    [-0.7, 1.2, 0.1, 0.4, 2],
  ];
  for (const activation of ['hardtanh', 'tanh'] as const) {
    const dataset = datasetOf(activation, rows);
    assert.equal(await joinClipped(found(activation, rows, false), dataset, tolerance, fitter), undefined);
  }
});
