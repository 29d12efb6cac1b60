import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recoverBehindHead } from '../../src/agenda/search-heads.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { loadKernels } from '../../src/kernels/load.js';
import { resolveOptions } from '../../src/options.js';
import { meterTarget } from '../../src/query/oracle.js';
import { queriesAsSource } from '../../src/query/source.js';
import { recover } from '../../src/recover.js';
import type { Recovery } from '../../src/recovery.js';

/** tanh of 5 times the first input: far out nearly all answers are −1 or 1. */
const saturated = (inputs: Float64Array, count: number) =>
  Float64Array.from({ length: count }, (_, n) => Math.tanh(5 * inputs[2 * n]));

/** A recovery by hand: enough of it for the choice between heads. */
const outcome = (verdict: Recovery['verdict'], part: object = {}) =>
  ({
    verdict,
    reason: '1 hidden neuron answers',
    widths: [1],
    network: null,
    evidence: {},
    ...part,
  }) as unknown as Recovery;

test('a network behind a head is not identified where the search for one without could not go to its end', async () => {
  const kernels = loadKernels();
  const options = resolveOptions({ inputDimension: 2, activation: 'auto' });
  const environment = { kernels, fitter: createInlineFitter(kernels) };
  const decide = (simpler: Recovery) => {
    let plain = 0;
    return recoverBehindHead(
      queriesAsSource(meterTarget(saturated, 2, Number.POSITIVE_INFINITY), 0),
      options,
      environment,
      { spread: 2, count: 300 },
      async (source) => {
        if (source.head) return outcome('identified', { network: { head: source.head.head } });
        plain++;
        return simpler;
      },
    ).then((found) => [found.verdict, found.reason, plain] as const);
  };
  const done = await decide(outcome('failed'));
  assert.deepEqual(done.slice(0, 2), ['identified', '1 hidden neuron answers']);
  const unfinished = { why: 'time', tried: [], next: [] };
  const [verdict, reason] = await decide(
    outcome('failed', { reason: 'the time is spent', evidence: { unfinished } }),
  );
  assert.equal(verdict, 'imitated');
  assert.match(reason, /^1 hidden neuron behind a tanh .* was not found out: the time is spent$/);
});

test('labels are answered behind no head: nothing is asked for sums that none of them shows', async () => {
  const kernels = loadKernels();
  const environment = { kernels, fitter: createInlineFitter(kernels) };
  const label = (inputs: Float64Array, count: number) =>
    Float64Array.from({ length: count }, (_, n) => Number(inputs[2 * n] - inputs[2 * n + 1] > 0.2));
  const { verdict, reason, queries } = await recover(label, { inputDimension: 2 }, environment);
  assert.equal(verdict, 'failed');
  assert.match(reason, /^the answers take only 2 values \(0, 1\): these look like labels/);
  assert.ok(queries < 1000, `${queries} queries`);
});

test('a last layer with a tanh neuron for each output is tried as the head that it stands for', async () => {
  const kernels = loadKernels();
  const options = resolveOptions({ inputDimension: 2, activation: 'auto' });
  const environment = { kernels, fitter: createInlineFitter(kernels) };
  // 1 + 2·tanh of a sum that grows
  const answer = (inputs: Float64Array, count: number) =>
    Float64Array.from(
      { length: count },
      (_, n) => 1 + 2 * Math.tanh(0.5 * inputs[2 * n] + 0.3 * inputs[2 * n + 1]),
    );
  const layer = (inputs: number, outputs: number, weights: readonly number[], biases: readonly number[]) => ({
    inputs,
    outputs,
    weights: Float64Array.from(weights),
    biases: Float64Array.from(biases),
  });
  const layers = [layer(2, 1, [0.5, 0.3], [0]), layer(1, 1, [1], [0]), layer(1, 1, [2], [1])];
  const network = { activation: 'relu', activations: ['relu', 'tanh'], slope: 0, layers };
  const decide = async (verdict: Recovery['verdict']) => {
    const limits: number[] = [];
    const found = await recoverBehindHead(
      queriesAsSource(meterTarget(answer, 2, Number.POSITIVE_INFINITY), 0),
      options,
      environment,
      { spread: 0.5, count: 300 },
      async (source) => {
        if (source.head === undefined) return outcome('identified', { network, widths: [1, 1] });
        const { lower, upper } = source.head.head;
        limits.push(lower[0], upper[0]);
        return outcome(verdict);
      },
    );
    return [found.widths, ...limits];
  };
  assert.deepEqual(await decide('identified'), [[1], -1, 3]);
  assert.deepEqual(await decide('imitated'), [[1, 1], -1, 3]);
});

/** The tries at a target of one output, none of which finds anything: behind which head, and how. */
async function triesAt(answer: (x: number, y: number) => number, outcomes: readonly Recovery[] = []) {
  const kernels = loadKernels();
  const options = resolveOptions({ inputDimension: 2, activation: 'auto' });
  const environment = { kernels, fitter: createInlineFitter(kernels) };
  const target = (inputs: Float64Array, count: number) =>
    Float64Array.from({ length: count }, (_, n) => answer(inputs[2 * n], inputs[2 * n + 1]));
  const tries: string[] = [];
  const found = await recoverBehindHead(
    queriesAsSource(meterTarget(target, 2, Number.POSITIVE_INFINITY), 0),
    options,
    environment,
    { spread: 2, count: 300 },
    async ({ head, seesFar }, { brief, again, isHeadSupposed }) => {
      const how = [brief && 'briefly', again && 'again', isHeadSupposed && 'supposed', seesFar && 'far'];
      tries.push([head?.head.name ?? 'none', ...how.filter(Boolean)].join(' '));
      return outcomes[tries.length - 1] ?? outcome('failed');
    },
  );
  return { tries, found };
}

const logistic = (u: number) => 1 / (1 + Math.exp(-u));

/** Two tanh neurons behind a sigmoid. */
const inside = (x: number, y: number) => logistic(0.8 * Math.tanh(x - y / 2) + 1.2 * Math.tanh(x + y));

test('what comes to 0 and 1 far out is behind a sigmoid first, for certain, and behind no tanh', async () => {
  const { tries } = await triesAt((x, y) => Math.fround(logistic(3 * x - y)));
  assert.equal(tries[0], 'sigmoid');
  assert.ok(!tries.some((one) => one.startsWith('tanh')), tries.join());
  assert.ok(tries.includes('none briefly supposed far') && tries.includes('none again supposed far'));
});

test('what comes to −1 and 1 far out is behind a tanh first, for certain, unless its limits are others', async () => {
  const { tries } = await triesAt((x, y) => Math.fround(Math.tanh(3 * x - y)));
  assert.equal(tries[0], 'tanh');
  const { tries: scaled } = await triesAt((x, y) => Math.fround(1.5 * Math.tanh(3 * x - y)));
  assert.equal(scaled[0], 'tanh briefly supposed');
});

test('what stays inside of 0 and 1 far out is tried to the end behind a sigmoid first, and its far field is seen', async () => {
  const { tries } = await triesAt(inside);
  assert.deepEqual(tries, ['none briefly far', 'sigmoid briefly far', 'sigmoid again far', 'none again far']);
});

test('a layer that stands for the sigmoid of the answers is read as it', async () => {
  const layer = (weights: readonly number[], biases: readonly number[]) => ({
    inputs: weights.length,
    outputs: 1,
    weights: Float64Array.from(weights),
    biases: Float64Array.from(biases),
  });
  // the same with a hidden layer more
  const first = {
    inputs: 2,
    outputs: 2,
    weights: Float64Array.of(1, -0.5, 1, 1),
    biases: new Float64Array(2),
  };
  const layers = [first, layer([0.8, 1.2], [0]), layer([1], [0])];
  const network = { activation: 'tanh', activations: ['tanh', 'sigmoid'], slope: 0, layers };
  const plain = outcome('identified', { network, widths: [2, 1] });
  const { tries, found } = await triesAt(inside, [plain, outcome('identified')]);
  assert.deepEqual(tries, ['none briefly far', 'sigmoid far']);
  assert.deepEqual(found.widths, [1]);
});
