import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { finishWhole } from '../../src/deep/finish.js';
import { certifyFinished, judgeFinished } from '../../src/ending/verdict.js';
import { type DeepNetwork, deepBlocks } from '../../src/network/deep.js';
import type { Network } from '../../src/records.js';
import { deepTarget } from '../../src/suite/deep.js';
import { searchFor } from './contexts.js';

const target = deepTarget({ activation: 'tanh', depth: 2, seed: 0 });

/** The network as students have it: for scaled outputs, with a second neuron beside the last that gives nothing on. */
function withIdle({ activation, layers }: Network, scale: number): DeepNetwork {
  const [d, a, b] = [layers[0].inputs, layers[0].outputs, layers[1].outputs];
  const shape = { inputs: d, widths: [a, b + 1], outputs: 1, activation, slope: 0, skip: false };
  const blocks = deepBlocks(shape);
  const parameters = new Float64Array(blocks[2].at + blocks[2].columns);
  for (const [l, { inputs, outputs, weights, biases }] of layers.entries()) {
    const { at, columns } = blocks[l];
    for (let j = 0; j < outputs; j++) {
      const row = at + j * columns;
      const factor = l === 2 ? 1 / scale : 1;
      for (let k = 0; k < inputs; k++) parameters[row + k] = factor * weights[j * inputs + k];
      parameters[row + columns - 1] = factor * biases[j];
    }
  }
  const idle = blocks[1].at + b * blocks[1].columns;
  for (let k = 0; k <= a; k++) parameters[idle + k] = 0.3 + 0.1 * k;
  return { shape, parameters };
}

const how = {
  kind: 'whole',
  spread: 1.5,
  signs: undefined,
  agreement: { students: 3, agreeing: 2 },
  evidenceOf: () => ({ layers: [] }),
} as const;

test('a whole network that is nearly right loses what is superfluous, and is identified', async () => {
  const search = await searchFor(target, 0);
  const { problem, attempt } = search;
  const random = randomStream('nearly right');
  const { shape, parameters } = withIdle(target, problem.statistics.scales[0]);
  const near = { shape, parameters: parameters.map((weight) => weight + 1e-5 * random.normal()) };
  const finished = await finishWhole({ ...how, network: near }, search);
  assert.ok(typeof finished === 'object', String(finished));
  const { polished, heldOut, spread } = finished;
  const widths = target.layers.slice(0, -1).map(({ outputs }) => outputs);
  assert.deepEqual(polished.network.shape.widths, widths);
  assert.equal(polished.deletions.flat().filter(({ removed }) => removed).length, 1);
  assert.deepEqual([heldOut.count, spread], [1000, 1.5]);
  assert.ok(attempt.journal.found.network, 'it is kept for where the certificate is not reached');

  const concluded = await certifyFinished(finished, problem, attempt);
  const { verdict, reason, evidence } = await judgeFinished(concluded, finished, problem, attempt);
  assert.equal(verdict, 'identified', reason);
  const { rivals, certificate, deletions, layers } = evidence;
  assert.ok(rivals!.tried.length === 0 && rivals!.equal.length === 0, 'its activation was told');
  assert.deepEqual([certificate!.agreement, layers], [how.agreement, []]);
  assert.equal(deletions!.length, widths[0] + widths[1] + 1);
  assert.ok(certificate!.identifiability.largestRelativeError < 1e-9);
});

test('signs that are open and a rival that does as well are doubts, whatever the depth', async () => {
  const search = await searchFor(target, 0);
  const { problem, attempt } = search;
  const network = withIdle(target, problem.statistics.scales[0]);
  const finished = await finishWhole({ ...how, network }, search);
  assert.ok(typeof finished === 'object', String(finished));
  const concluded = await certifyFinished(finished, problem, attempt);
  const judged = (own: Partial<typeof finished>) =>
    judgeFinished(concluded, { ...finished, ...own }, problem, attempt);
  const candidate = { activation: 'erf', trained: 'erf', leaky: false } as const;
  const rival = await judged({
    holdAgainst: async () => ({ tried: [candidate], equal: [candidate], ruledOut: [] }),
  });
  assert.equal(rival.verdict, 'imitated');
  assert.match(rival.reason, /erf/);
  assert.deepEqual(rival.evidence.rivals, { tried: ['erf'], equal: ['erf'], ruledOut: [] });
  const signs = { kind: 'ambiguous', candidates: [], half: 0.5 } as unknown as (typeof finished)['signs'];
  const open = await judged({ signs });
  assert.equal(open.verdict, 'imitated');
  assert.match(open.reason, /more than one choice of their signs/);
});

test('a network that is far from right is none, in words', async () => {
  const search = await searchFor(target, 0);
  const random = randomStream('far from right');
  const { shape, parameters } = withIdle(target, 1);
  const far = { shape, parameters: parameters.map(() => random.normal()) };
  const finished = await finishWhole({ ...how, network: far }, search);
  assert.ok(typeof finished === 'string');
  assert.match(finished, /^the layers together \(\d+-\d+\) leave \d\.\de-\d+ of the variance$/);
});
