import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActivationName } from '../../src/network/activations.js';
import { forward } from '../../src/network/forward.js';
import { type Head, plainHead } from '../../src/network/head.js';
import { behindHead } from '../../src/query/behind-head.js';
import { tellOfSums } from '../../src/query/far-sums.js';
import { meterTarget } from '../../src/query/oracle.js';
import { measureOutputs } from '../../src/query/precision.js';
import { measureHead } from '../../src/query/recognise-head.js';
import { queriesAsSource } from '../../src/query/source.js';
import type { Dataset } from '../../src/records.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

const sizes = [4, 6, 5, 3];

/** What answers of two hidden layers behind a head tell, in float32 unless they are rounded otherwise. */
function told(activation: ActivationName, head: Head, round: (y: number) => number = Math.fround) {
  const network = { ...randomNetwork(activation, sizes, 2), head };
  const answer = (spread: number, count: number): Dataset => {
    const inputs = normalInputs(count, sizes[0], spread);
    const outputs = forward(network, inputs, count).map(round);
    return { inputs, outputs, count, inputDimension: sizes[0], outputDimension: 3 };
  };
  const near = answer(2, 300);
  const accuracy = measureHead(head, near, measureOutputs(near), 0);
  return { accuracy, far: tellOfSums(accuracy, near, [answer(1e3, 64), answer(1e6, 64)]) };
}

for (const name of ['softmax', 'sigmoid'] as const) {
  for (const activation of ['tanh', 'sigmoid', 'gelu', 'silu', 'elu', 'softplus', 'relu'] as const) {
    const isBounded = activation === 'tanh' || activation === 'sigmoid';
    test(`far out the sums of ${activation} neurons before a ${name} ${isBounded ? 'are known' : 'grow'}`, () => {
      const { far } = told(activation, plainHead(name));
      assert.deepEqual(far, { areKnown: isBounded, grow: !isBounded });
    });
  }
}

test('a head with limits that answers show tells of no growth', () => {
  const clip = {
    name: 'clip',
    lower: new Float64Array(3).fill(-4),
    upper: new Float64Array(3).fill(4),
  } as const;
  assert.deepEqual(told('gelu', clip).far, { areKnown: false, grow: false });
});

test('probabilities with four decimals tell of no growth', () => {
  const four = (y: number) => Math.round(y * 1e4) / 1e4;
  assert.equal(told('gelu', plainHead('softmax'), four).far.grow, false);
});

test('nothing far out tells nothing', () => {
  const { accuracy } = told('tanh', plainHead('softmax'));
  const near = { inputs: normalInputs(1, 4), outputs: Float64Array.of(0.2, 0.3, 0.5), count: 1 };
  const few = { ...near, inputDimension: 4, outputDimension: 3 };
  assert.deepEqual(tellOfSums(accuracy, few, []), { areKnown: false, grow: false });
});

test('the far field behind a head that saturates is seen where all of its sums are known', () => {
  const sourceBehind = (activation: ActivationName) => {
    const { accuracy, far } = told(activation, plainHead('softmax'));
    const source = queriesAsSource(
      meterTarget(() => assert.fail('nothing is asked'), 4, Number.POSITIVE_INFINITY),
      0,
    );
    const { seesFar, grows } = behindHead(source, accuracy, far);
    return { seesFar, grows, untold: behindHead(source, accuracy).seesFar };
  };
  assert.deepEqual(sourceBehind('tanh'), { seesFar: true, grows: undefined, untold: false });
  assert.deepEqual(sourceBehind('gelu'), { seesFar: false, grows: true, untold: false });
});
