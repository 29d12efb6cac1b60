import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { applyHead, type Head, plainHead } from '../../src/network/head.js';
import { measureOutputs } from '../../src/query/precision.js';
import {
  headNamed,
  headsNamed,
  measureHead,
  recogniseFar,
  recogniseHead,
} from '../../src/query/recognise-head.js';
import type { Dataset } from '../../src/records.js';

/** 300 answers to sums of so many deviations, `round`ed. */
function answersOf(
  head: Head | undefined,
  o: number,
  size: number,
  round: (y: number) => number = (y) => y,
): Dataset {
  const random = randomStream('answers', o, size);
  const sums = Float64Array.from({ length: 300 * o }, () => size * random.normal());
  const outputs = applyHead(head, sums, o).map(round);
  return { inputs: new Float64Array(300), outputs, count: 300, inputDimension: 1, outputDimension: o };
}

const recognised = (answers: Dataset) => recogniseHead(answers, measureOutputs(answers));
const names = (answers: Dataset) => recognised(answers).heads.map(({ name }) => name);
const four = (y: number) => Math.round(y * 1e4) / 1e4;
const same = (name: 'tanh' | 'clip', o: number, low: number, high: number): Head => ({
  name,
  lower: new Float64Array(o).fill(low),
  upper: new Float64Array(o).fill(high),
});

describe('probabilities are those of a softmax, in every number type', () => {
  for (const name of ['softmax', 'log-softmax'] as const) {
    for (const [type, round] of [
      ['float64', undefined],
      ['float32', Math.fround],
      ['4 decimals', four],
    ] as const) {
      for (const o of [2, 5]) {
        test(`${name}, ${type}, ${o} outputs`, () => {
          const { heads, isCertain } = recognised(answersOf(plainHead(name), o, 2, round));
          assert.deepEqual([heads.map((head) => head.name), isCertain], [[name], true]);
        });
      }
    }
  }
});

test('numbers inside (0, 1) and (−1, 1) may come through a sigmoid and a tanh, others come through nothing', () => {
  assert.deepEqual(names(answersOf(plainHead('sigmoid'), 2, 1)), ['sigmoid']);
  assert.deepEqual(names(answersOf(same('tanh', 2, -1, 1), 2, 1)), ['tanh']);
  assert.deepEqual(names(answersOf(undefined, 2, 1)), []);
  // too small for a tanh head that anybody would see
  assert.deepEqual(names(answersOf(undefined, 1, 0.01)), []);
  assert.equal(recognised(answersOf(plainHead('sigmoid'), 2, 1)).isCertain, false);
});

test('extremes that repeat are limits: those of a clip have few answers beside them, those of a tanh many', () => {
  const clipped = recognised(answersOf(same('clip', 1, -2, 3), 1, 2));
  assert.deepEqual(clipped.heads[0], same('clip', 1, -2, 3));
  assert.deepEqual(names(answersOf(same('tanh', 1, -2, 2), 1, 8, Math.fround))[0], 'tanh');
  const above = recognised(answersOf(same('clip', 1, 0, Number.POSITIVE_INFINITY), 1, 2));
  assert.deepEqual(above.heads[0], same('clip', 1, 0, Number.POSITIVE_INFINITY));
});

test('limits are seen far out where nothing lies beyond them', () => {
  const near = answersOf(same('tanh', 1, -2, 2), 1, 1, Math.fround);
  assert.deepEqual(recogniseFar(answersOf(same('tanh', 1, -2, 2), 1, 1e3, Math.fround), near), [
    same('tanh', 1, -2, 2),
    same('clip', 1, -2, 2),
  ]);
  // one of two limits: the other is its mirror image
  const positive = { ...near, outputs: new Float64Array(300).fill(2) };
  assert.deepEqual(
    headNamed('tanh', near, { ...positive, outputs: positive.outputs.with(0, 1.9) }),
    same('tanh', 1, -2, 2),
  );
  assert.deepEqual(recogniseFar(answersOf(undefined, 1, 1e3), answersOf(undefined, 1, 1)), []);
  // what saturates far out lies inside of what was answered nearby
  assert.deepEqual(recogniseFar(answersOf(same('clip', 1, -1, 1), 1, 1e3), answersOf(undefined, 1, 2)), []);
});

test('an extreme that answers far out lie beyond is no limit', () => {
  // a deep ReLU network says its bias again and again where none of its last neurons is active
  const near = answersOf(same('clip', 1, -1, 2), 1, 2);
  const infinite = Number.POSITIVE_INFINITY;
  assert.deepEqual(headNamed('clip', near), same('clip', 1, -1, 2));
  assert.deepEqual(
    headNamed('clip', near, answersOf(undefined, 1, 1e3)),
    same('clip', 1, -infinite, infinite),
  );
  const above = answersOf(same('clip', 1, -1, infinite), 1, 1e3);
  assert.deepEqual(headNamed('clip', near, above), same('clip', 1, -1, infinite));
});

test('a limit of a clip that hardly any answer reaches is the other outputs’, or the mirror image of the other', () => {
  const infinite = Number.POSITIVE_INFINITY;
  const clip = (lower: number[], upper: number[]): Head => ({
    ...{ name: 'clip', lower: Float64Array.from(lower), upper: Float64Array.from(upper) },
  });
  /** 300 answers to sums of two outputs, of which the first come to their limits of −1 and 1 as often as told. */
  const answers = (below: number, above: number, last = 1.5) => {
    const sums = Float64Array.from({ length: 600 }, (_, i) =>
      i % 2 === 0 ? 0.003 * (i % 300) : last * Math.sin(i),
    );
    for (let n = 0; n < below; n++) sums[4 * n] = -2;
    for (let n = 0; n < above; n++) sums[4 * n + 2] = 2;
    const outputs = applyHead(same('clip', 2, -1, 1), sums, 2);
    return { inputs: new Float64Array(300), outputs, count: 300, inputDimension: 1, outputDimension: 2 };
  };
  const far = answers(1, 200);
  assert.deepEqual(headNamed('clip', answers(1, 20)), clip([-infinite, -1], [1, 1]));
  assert.deepEqual(headNamed('clip', answers(1, 20), far), clip([-1, -1], [1, 1]));
  // without limits of its own on that side the second output is no example: the first one's upper limit is
  assert.deepEqual(
    headNamed('clip', answers(0, 20, 0.5), answers(0, 200, 0.5)),
    clip([-1, -infinite], [1, 1]),
  );
  // what one answer lies beyond is no limit
  const beyond = { ...far, outputs: far.outputs.with(4, -1.5) };
  assert.deepEqual(headNamed('clip', answers(1, 20), beyond), clip([-infinite, -1], [1, 1]));
});

test('a tanh from −1 to 1 comes before one whose limits a network may come to behind it', () => {
  const near = answersOf(same('tanh', 1, -1, 1), 1, 1);
  const far = answersOf(same('tanh', 1, -1, 1), 1, 1e3);
  // where every neuron is off, 0.97 is answered again and again
  const off = { ...far, outputs: far.outputs.map((y) => Math.min(y, 0.97)) };
  const low = { ...near, outputs: near.outputs.map((y) => Math.min(y, 0.96)) };
  assert.deepEqual(headsNamed('tanh', near, far), [same('tanh', 1, -1, 1)]);
  assert.deepEqual(headsNamed('tanh', low, off)[0], same('tanh', 1, -1, 1));
  assert.equal(headsNamed('tanh', answersOf(same('tanh', 1, -2, 2), 1, 1), far).length, 1);
  // answers near 0 come through a tanh from −1 to 1 as they are
  const tiny = (answers: Dataset) => ({ ...answers, outputs: answers.outputs.map((y) => 1e-7 * y) });
  assert.deepEqual(
    headsNamed('tanh', tiny(near), tiny(far)).map(({ upper }) => upper[0] < 1),
    [true],
  );
});

test('of two probabilities one may be 1 less the other: then it is as inaccurate as numbers near 1', () => {
  const float32 = answersOf(plainHead('softmax'), 2, 2, Math.fround);
  const rest = {
    ...float32,
    outputs: float32.outputs.map((p, i, all) => (i % 2 === 0 ? Math.fround(1 - all[i + 1]) : p)),
  };
  const of = (answers: Dataset) =>
    measureHead(plainHead('softmax'), answers, measureOutputs(answers), 0).variances;
  assert.deepEqual([...of(float32)], [0, 0]);
  assert.deepEqual([...of(rest)], [2 ** -48, 0]);
});

test('the step of decimals is the noise on probabilities', () => {
  const answers = answersOf(plainHead('softmax'), 3, 1, four);
  const { variances, largestError } = measureHead(plainHead('softmax'), answers, measureOutputs(answers), 0);
  for (const variance of variances) assert.ok(Math.abs(variance * 12 - 1e-8) < 1e-20);
  assert.ok(largestError > 1e-4 && largestError <= 0.1);
});
