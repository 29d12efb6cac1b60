import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import {
  applyHead,
  carryVariances,
  errorsOfSums,
  type Head,
  largestChanges,
  plainHead,
  roundingOfAnswers,
  undoHead,
} from '../../src/network/head.js';
import { centreLayer, withHead } from '../../src/network/head-gauge.js';
import { describeHead, headOf } from '../../src/network/head-text.js';

const o = 3;
const limits = { lower: Float64Array.of(-2, -1, 0), upper: Float64Array.of(2, 3, 0.5) };
const heads: readonly Head[] = [
  plainHead('softmax'),
  plainHead('log-softmax'),
  plainHead('sigmoid'),
  { name: 'tanh', ...limits },
  { name: 'clip', ...limits },
];

const precisionOf = (roundoff: number, step = 0) => ({
  roundoff,
  smallest: roundoff === 2 ** -53 ? 2 ** -500 : 2 ** -126,
  variances: new Float64Array(o).fill(step ** 2 / 12),
});

/** Sums (count × o) of so many deviations; centred where the head shows no more of them. */
function drawSums(head: Head, count: number, size: number): Float64Array {
  const random = randomStream('sums', head.name, size);
  const sums = Float64Array.from({ length: count * o }, () => size * random.normal());
  if (!head.name.endsWith('softmax')) return sums;
  for (let at = 0; at < sums.length; at += o) {
    const mean = (sums[at] + sums[at + 1] + sums[at + 2]) / o;
    for (let k = at; k < at + o; k++) sums[k] -= mean;
  }
  return sums;
}

test('answers by hand', () => {
  const sums = Float64Array.of(Math.log(2), Math.log(5), Math.log(3));
  const near = (found: Float64Array, expected: readonly number[]) =>
    found.forEach((y, k) => {
      assert.ok(Math.abs(y - expected[k]) < 1e-15, `${found} is not ${expected}`);
    });
  near(applyHead(heads[0], sums, o), [0.2, 0.5, 0.3]);
  near(applyHead(heads[1], sums, o), [Math.log(0.2), Math.log(0.5), Math.log(0.3)]);
  near(applyHead(heads[2], sums, o), [2 / 3, 5 / 6, 3 / 4]);
  // tanh(log x) = (x² − 1)/(x² + 1)
  near(applyHead(heads[3], sums, o), [2 * 0.6, 1 + 2 * (24 / 26), 0.25 + 0.25 * 0.8]);
  near(applyHead(heads[4], sums, o), [Math.log(2), Math.log(5), 0.5]);
});

test('a softmax of large sums neither overflows nor loses the small probabilities', () => {
  const answers = applyHead(heads[0], Float64Array.of(1000, 1000, 500), o);
  assert.deepEqual([...answers.subarray(0, 2)], [0.5, 0.5]);
  assert.equal(answers[2], Math.exp(-500) / 2);
  assert.ok(undoHead(heads[0], answers, o).every(Number.isFinite));
});

describe('undoing what was applied gives the sums within the stated error', () => {
  for (const head of heads) {
    for (const [name, roundoff, step, round] of [
      ['float64', 2 ** -53, 0, (y: number) => y],
      ['float32', 2 ** -24, 0, Math.fround],
      ['4 decimals', 2 ** -53, 1e-4, (y: number) => Math.round(y * 1e4) / 1e4],
    ] as const) {
      test(`${head.name}, ${name}`, () => {
        const sums = drawSums(head, 500, 1);
        const answers = applyHead(head, sums, o).map(round);
        const found = undoHead(head, answers, o);
        const { rounding, noise } = errorsOfSums(head, sums, precisionOf(roundoff, step));
        let known = 0;
        let squares = 0;
        found.forEach((u, i) => {
          if (Number.isNaN(u)) return;
          const deviation = Math.sqrt(rounding[i] + noise[i]);
          // where a step is no longer small beside the answer, the logarithm is not straight
          if (deviation > 0.05) return;
          known++;
          squares += ((u - sums[i]) / deviation) ** 2;
          const limit = 4 * deviation + 4 * roundoff * Math.abs(u);
          assert.ok(Math.abs(u - sums[i]) <= limit, `${u} for ${sums[i]}, allowed ${limit}`);
        });
        assert.ok(known > 300, `${known} sums are known`);
        // errors of steps are stated as they are, not only bounded
        if (step > 0 && head.name !== 'clip') {
          assert.ok(squares / known > 0.5 && squares / known < 1.5, `${squares / known}`);
        }
      });
    }
  }
});

test('answers at a limit say nothing of their sum', () => {
  assert.ok(Number.isNaN(undoHead(plainHead('sigmoid'), Float64Array.of(1), 1)[0]));
  assert.ok(Number.isNaN(undoHead(plainHead('sigmoid'), Float64Array.of(0), 1)[0]));
  assert.ok(undoHead(heads[0], Float64Array.of(0, 0.5, 0.5), o).every(Number.isNaN));
  for (const head of heads.slice(3)) {
    assert.ok(undoHead(head, head.lower, o).every(Number.isNaN));
    assert.ok(undoHead(head, head.upper, o).every(Number.isNaN));
  }
});

describe('errors of sums go through a head as differences do', () => {
  for (const head of heads) {
    test(head.name, () => {
      const sums = drawSums(head, 50, 0.8);
      const variances = sums.map((_, i) => 1e-12 * (1 + (i % 5)));
      const carried = carryVariances(head, sums, variances, o);
      const largest = largestChanges(head, sums, variances.map(Math.sqrt), o);
      for (let at = 0; at < sums.length; at += o) {
        const expected = new Float64Array(o);
        for (let j = 0; j < o; j++) {
          const h = 1e-6;
          const row = (sign: number) => {
            const moved = sums.slice(at, at + o);
            moved[j] += sign * h;
            return applyHead(head, moved, o);
          };
          const [low, high] = [row(-1), row(1)];
          for (let k = 0; k < o; k++) expected[k] += ((high[k] - low[k]) / (2 * h)) ** 2 * variances[at + j];
        }
        for (let k = 0; k < o; k++) {
          const error = Math.abs(carried[at + k] - expected[k]);
          assert.ok(error <= 1e-6 * expected[k] + 1e-24, `${carried[at + k]} is not ${expected[k]}`);
          assert.ok(Math.abs(largest[at + k] - Math.sqrt(expected[k])) <= 1e-4 * largest[at + k] + 1e-12);
        }
      }
    });
  }
});

test('an error that a head is not straight for is allowed as far as it reaches', () => {
  // sigmoid(−20 ± 25) reaches 0.9933, where the slope at −20 would allow 5e-8
  const [change] = largestChanges(plainHead('sigmoid'), Float64Array.of(-20), Float64Array.of(25), 1);
  assert.ok(Math.abs(change - 1 / (1 + Math.exp(-5))) < 1e-6);
});

test('rounding of a float32 softmax is relative, that of a sigmoid is not', () => {
  const precision = precisionOf(2 ** -24);
  const [small] = roundingOfAnswers(plainHead('softmax'), Float64Array.of(1e-20), precision);
  assert.ok(small < 50 * 2 ** -24 * 1e-20);
  assert.equal(roundingOfAnswers(plainHead('sigmoid'), Float64Array.of(1e-20), precision)[0], 2 ** -25);
});

test('centring the last layer leaves a softmax as it is', () => {
  const layer = {
    inputs: 2,
    outputs: 3,
    weights: Float64Array.of(1, 2, 3, 4, 5, 9),
    biases: Float64Array.of(1, 0, 5),
  };
  assert.deepEqual(centreLayer(layer), {
    ...layer,
    weights: Float64Array.of(-2, -3, 0, -1, 2, 4),
    biases: Float64Array.of(-1, -2, 3),
  });
  const network = { activation: 'relu', slope: 0, layers: [layer, layer] } as const;
  assert.equal(withHead(network, undefined), network);
  assert.equal(withHead(network, heads[2]).layers[1], layer);
});

test('heads as text and back', () => {
  for (const head of heads) assert.deepEqual(headOf(describeHead(head), o), head);
  const open: Head = {
    name: 'clip',
    lower: Float64Array.of(0, Number.NEGATIVE_INFINITY),
    upper: Float64Array.of(Number.POSITIVE_INFINITY, 1),
  };
  assert.deepEqual(headOf(describeHead(open), 2), open);
  assert.equal(headOf({}, o), undefined);
  assert.throws(
    () => headOf({ head: 'argmax' }, o),
    /names the head 'argmax' in its metadata, expected one of/,
  );
  assert.throws(() => headOf({ head: 'clip', head_lower: '1', head_upper: '0' }, 1), /are not 1 ranges/);
});
