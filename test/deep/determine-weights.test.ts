import assert from 'node:assert/strict';
import { test } from 'node:test';
import { largestAcceptedError } from '../../src/certify/judge.js';
import { finishWhole } from '../../src/deep/finish.js';
import { certifyFinished, judgeFinished } from '../../src/ending/verdict.js';
import { type DeepNetwork, fromMatrices } from '../../src/network/deep.js';
import type { Network } from '../../src/records.js';
import { deepTarget } from '../../src/suite/deep.js';
import { searchFor } from './contexts.js';

/** The network as students have it, for scaled outputs. */
function scaled({ activation, slope, layers }: Network, scales: Float64Array): DeepNetwork {
  const matrices = layers.map(({ inputs, outputs, weights, biases }, l) => {
    const values = Array.from({ length: outputs }, (_, j) => {
      const row = [...weights.subarray(j * inputs, (j + 1) * inputs), biases[j]];
      return row.map((value) => value / (l < layers.length - 1 ? 1 : scales[j]));
    });
    return { values: Float64Array.from(values.flat()), rows: outputs };
  });
  return fromMatrices(activation, slope, matrices);
}

test('where float32 answers tell weights badly more are asked from farther out, until they are told', async () => {
  // three layers of sigmoid neurons are nearly linear at usual inputs
  const target = deepTarget({ activation: 'sigmoid', depth: 3, seed: 1 });
  const search = await searchFor(target, 1, 3, Math.fround);
  const { problem, attempt } = search;
  const network = scaled(target, problem.statistics.scales);
  const spread = 1;
  const agreement = { students: 1, agreeing: 1 };
  const finished = await finishWhole(
    { kind: 'whole', network, spread, signs: undefined, agreement, evidenceOf: () => ({}) },
    search,
  );
  assert.ok(typeof finished === 'object', String(finished));
  const { dataset } = finished.polished;
  const sizes = Array.from({ length: dataset.count }, (_, n) =>
    Math.hypot(...dataset.inputs.subarray(5 * n, 5 * n + 5)),
  );
  assert.ok(
    sizes.filter((size) => size > 6).length > dataset.count / 4,
    'samples from farther out are among them',
  );
  const concluded = await certifyFinished(finished, problem, attempt);
  const { identifiability } = concluded.certificate;
  assert.ok(
    identifiability.largestRelativeError <= largestAcceptedError,
    `${identifiability.largestRelativeError}`,
  );
  const judged = await judgeFinished(concluded, finished, problem, attempt);
  assert.equal(judged.verdict, 'identified', judged.reason);
  // what it says of the weights is true
  const errors = identifiability.standardErrors;
  const { parameters } = concluded.known.network;
  network.parameters.forEach((weight, i) => {
    assert.ok(Math.abs(parameters[i] - weight) <= 6 * errors[i] + 1e-12, `weight ${i}`);
  });
});
