import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BentNeuron, findBentNeurons } from '../../src/closed-form/bent-layer.js';
import type { Field } from '../../src/closed-form/field.js';
import { howItBends } from '../../src/closed-form/look.js';
import { dot } from '../../src/numeric/dot.js';
import { drawInputs } from '../../src/query/collect.js';
import { fieldOf, type SmallNetwork } from './network-field.js';

/** ReLU neurons of length 1, more of them than dimensions. */
function network(k: number, m: number, o: number): SmallNetwork {
  const rows = Array.from({ length: m }, (_, j) => {
    const row = drawInputs(['bent', j], 1, k, 1);
    const length = Math.sqrt(dot(row, row));
    return row.map((value) => value / length);
  });
  return {
    activation: 'relu',
    rows,
    biases: [...drawInputs(['bent biases'], 1, m, 0.3)],
    outgoing: rows.map((_, j) => [...drawInputs(['bent outgoing', j], 1, o, 1)]),
  };
}

/** How far off the nearest neuron that was found is: row and bias, either sign. */
const worstOf = ({ rows, biases }: SmallNetwork, found: readonly BentNeuron[]) =>
  Math.max(
    ...rows.map((row, j) =>
      Math.min(
        ...found.map((one) => {
          const sign = Math.sign(dot(row, one.row));
          const apart = row.map((value, a) => value - sign * one.row[a]);
          return Math.hypot(...apart, biases[j] - sign * one.bias);
        }),
      ),
    ),
  );

async function lastOf(field: Field): Promise<readonly BentNeuron[] | undefined> {
  let last: readonly BentNeuron[] | undefined;
  for await (const neurons of findBentNeurons(field, 3)) last = neurons;
  return last;
}

for (const [k, m, o] of [
  [14, 14, 3],
  [6, 20, 4],
  [8, 8, 1],
]) {
  test(`all of ${m} neurons in ${k} dimensions from their bends, ${o} outputs`, async () => {
    const target = network(k, m, o);
    const found = await lastOf(fieldOf(target));
    assert.equal(found?.length, m);
    assert.ok(worstOf(target, found) < 1e-5, `${worstOf(target, found)}`);
  });
}

test('answers of float32 show them to a hundredth', async () => {
  const target = network(14, 14, 3);
  const field = fieldOf(target, { isRounded: true });
  assert.equal((await howItBends(field, 0)).kind, 'straight');
  const found = await lastOf(field);
  assert.ok(found !== undefined && worstOf(target, found) < 2e-2);
});

test('bends of a second layer are left after one line', async () => {
  const first = fieldOf(network(10, 10, 8));
  const behind = fieldOf(network(8, 8, 3));
  const field: Field = {
    ...first,
    outputs: 3,
    evaluate: async (points, count) =>
      behind.evaluate(
        (await first.evaluate(points, count)).map((h) => Math.max(0, h)),
        count,
      ),
  };
  assert.equal(await lastOf(field), undefined);
  assert.ok(first.asked() < 800, `${first.asked()}`);
});

test('no query leaves the bounds', async () => {
  const field = fieldOf(network(6, 9, 3), { limit: 1.5 });
  const found = await lastOf(field);
  assert.ok(found !== undefined && found.length > 0);
  assert.ok(field.farthest() <= 1.5, `${field.farthest()}`);
});
