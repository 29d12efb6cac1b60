import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  chooseSigns,
  explains,
  leaveUnexplained,
  mapColumns,
  seenByNeurons,
  seenByVectors,
} from '../../src/peel/gates.js';
import type { Dataset } from '../../src/records.js';

/** Points of a plane, with no answers. */
const pointsOf = (inputs: readonly number[]): Dataset => ({
  ...{ inputs: Float64Array.from(inputs), outputs: new Float64Array(inputs.length / 2) },
  ...{ count: inputs.length / 2, inputDimension: 2, outputDimension: 1 },
});

test('what neurons see of a network is told by its numbers', () => {
  const dataset = pointsOf([1, 2, -1, 3]);
  const incoming = Float64Array.of(2, 1, -1, 0, -1, 4);
  assert.deepEqual(seenByVectors(incoming, dataset), [Float64Array.of(3, 0), Float64Array.of(2, 1)]);
  const shape = { inputs: 2, hidden: 2, outputs: 1, activation: 'relu', slope: 0, skip: true } as const;
  // incoming vectors, then outgoing weights, the path and the bias of the output
  const parameters = Float64Array.of(...incoming, 7, 8, 5, -3, 0.5);
  assert.deepEqual(seenByNeurons({ shape, parameters }, dataset), seenByVectors(incoming, dataset));
});

test('an affine map behind a gate is its constant and its outputs where the gate is open', () => {
  const [gate, one, two] = [Float64Array.of(1, 0), Float64Array.of(2, 3), Float64Array.of(-4, 5)];
  assert.deepEqual(mapColumns([gate], [one, two]), [gate, Float64Array.of(2, 0), Float64Array.of(-4, 0)]);
});

test('what columns leave is the part of a target across them', () => {
  const { left, rest } = leaveUnexplained([Float64Array.of(3, 4)], [Float64Array.of(2, 0)]);
  assert.ok(Math.abs(left - 0.8) < 1e-15);
  assert.deepEqual(rest, Float64Array.of(0, 0.8));
  const both = [Float64Array.of(3, 4), Float64Array.of(1, 0)];
  assert.ok(Math.abs(leaveUnexplained(both, [Float64Array.of(2, 0)]).left - 0.8) < 1e-15, 'the worst counts');
});

/** 200 points at which two neurons see x and y. */
const random = Array.from({ length: 400 }, (_, i) => Math.sin(12.9898 * i) * 3);
const [x, y] = seenByVectors(Float64Array.of(1, 0, 0.3, 0, 1, -0.2), pointsOf(random));
const open = (values: Float64Array, sign: number) => values.map((value) => Number(sign * value > 0));

/** What two neurons with these signs let through. */
const columnsFor = ([first, second]: readonly number[]) => [
  ...[x].map((values) => values.map((value, n) => value * open(x, first)[n])),
  ...[y].map((values) => values.map((value, n) => value * open(y, second)[n])),
];

test('the signs of neurons are those of the one choice that explains the answers', () => {
  for (const [first, second] of [
    [1, 1],
    [1, -1],
    [-1, 1],
    [-1, -1],
  ]) {
    const answers = x.map((_, n) => 2 * Math.max(0, first * x[n]) - 3 * Math.max(0, second * y[n]));
    assert.deepEqual(chooseSigns(2, columnsFor, [answers]), [first, second]);
    // a bend that is a little off leaves two samples unexplained
    const off = answers.map((value, n) => (n % 100 === 7 ? value + 0.01 : value));
    assert.deepEqual(chooseSigns(2, columnsFor, [off]), [first, second]);
  }
});

test('where all choices explain the answers, or none does, no sign is told', () => {
  const answers = x.map((_, n) => Math.max(0, x[n]) + Math.max(0, y[n]));
  const withPath = (signs: readonly number[]) => [...columnsFor(signs), x, y];
  assert.equal(chooseSigns(2, withPath, [answers]), undefined, 'beside a path a mirrored neuron is as good');
  const curved = x.map((value) => value * value);
  assert.equal(chooseSigns(2, columnsFor, [curved]), undefined);
});

test('columns explain answers but for two samples in a hundred', () => {
  const offAt = (every: number) => x.map((value, n) => (n % every === 3 ? value + 0.01 : 2 * value));
  assert.equal(explains([x], [x.map((value) => 2 * value)]), true);
  assert.equal(explains([x], [offAt(100)]), true);
  assert.equal(explains([x], [offAt(20)]), false);
});
