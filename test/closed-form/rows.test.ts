import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { findFirstLayers } from '../../src/closed-form/first-layer.js';
import { areOfOneLayer, collectHessians, pointsFor } from '../../src/closed-form/hessians.js';
import { dualBasis, findRows } from '../../src/closed-form/rows.js';
import { packedSize } from '../../src/closed-form/second-differences.js';
import type { ActivationName } from '../../src/network/activations.js';
import { dot } from '../../src/numeric/dot.js';
import { drawInputs } from '../../src/query/collect.js';
import { fieldOf, type SmallNetwork } from './network-field.js';

/** Neurons with rows near the axes, so that no direction is weak; `scales` are their outgoing weights' sizes. */
function network(activation: ActivationName, k: number, o: number, scales?: readonly number[]): SmallNetwork {
  const rows = Array.from({ length: k }, (_, j) =>
    drawInputs(['rows', j], 1, k, 0.25).map((x, a) => x + Number(a === j)),
  );
  return {
    activation,
    rows,
    biases: [...drawInputs(['biases'], 1, k, 0.5)],
    outgoing: rows.map((_, j) => [...drawInputs(['outgoing', j], 1, o, scales?.[j] ?? 1)]),
  };
}

/** Largest sine between a row of the network and the nearest that was found. */
const worstOf = ({ rows }: SmallNetwork, found: readonly Float64Array[]) =>
  Math.max(
    ...rows.map((row) => {
      const most = Math.max(...found.map((one) => dot(row, one) ** 2 / dot(row, row)));
      return Math.sqrt(Math.max(0, 1 - most));
    }),
  );

test('the rows of a layer from its Hessians', async () => {
  const target = network('tanh', 6, 3);
  const field = fieldOf(target);
  const slices = await collectHessians(field, randomStream(1, 'points')).take(pointsFor(field));
  const found = await findRows(field, slices!, { certain: 1e-6, random: randomStream(1, 'rows') });
  assert.ok('rows' in found && found.rows.length === 6);
  assert.ok(worstOf(target, found.rows) < 1e-4, `${worstOf(target, found.rows)}`);
});

test('weak neurons whose rows float32 answers hide are found where the certain ones change nothing', async () => {
  const target = network('softplus', 6, 3, [1, 1, 1, 1, 0.03, 0.03]);
  const field = fieldOf(target, { isRounded: true });
  const slices = await collectHessians(field, randomStream(2, 'points')).take(pointsFor(field));
  const found = await findRows(field, slices!, { certain: 1e-4, random: randomStream(2, 'rows') });
  assert.ok('rows' in found && found.rows.length === 6);
  assert.ok(worstOf(target, found.rows) < 0.1, `${worstOf(target, found.rows)}`);
});

test('a dual basis changes one row at a time', () => {
  const rows = [Float64Array.of(1, 1, 0), Float64Array.of(0, 1, 2), Float64Array.of(3, 0, 1)];
  dualBasis(rows).forEach((direction, i) => {
    rows.forEach((row, j) => {
      assert.ok(Math.abs(dot(row, direction) - Number(i === j)) < 1e-14);
    });
  });
});

test('Hessians of one layer commute over one of them, others do not', async () => {
  const field = fieldOf(network('silu', 9, 4));
  const slices = await collectHessians(field, randomStream(3, 'points')).take(1);
  assert.ok(areOfOneLayer(slices!, 9, randomStream(3, 'mixtures')));
  const others = Array.from({ length: 4 }, (_, n) => drawInputs(['symmetric', n], 1, packedSize(9), 1));
  assert.ok(!areOfOneLayer(others, 9, randomStream(3, 'mixtures')));
});

const firstOf = async (field: Parameters<typeof findFirstLayers>[0]) => {
  for await (const layer of findFirstLayers(field, 0)) return layer;
  return undefined;
};

test('no second differences: a piecewise linear target is left after a few lines', async () => {
  const field = fieldOf(network('relu', 6, 3));
  assert.equal(await firstOf(field), undefined);
  assert.equal(field.asked(), 60);
});

test('more neurons than dimensions are left after the Hessians of one point', async () => {
  const { rows, ...rest } = network('tanh', 9, 6);
  const others = rows.map((_, j) => drawInputs(['others', j], 1, 9, 0.8));
  const field = fieldOf({
    ...rest,
    rows: [...rows, ...others],
    biases: [...rest.biases, ...rest.biases],
    outgoing: [...rest.outgoing, ...rest.outgoing.map((_, j) => [...drawInputs(['more', j], 1, 6, 1)])],
  });
  assert.equal(await firstOf(field), undefined);
  assert.equal(field.asked(), 60 + 55);
});

test('no query leaves the bounds', async () => {
  const field = fieldOf(network('tanh', 5, 3), { limit: 1 });
  const layer = await firstOf(field);
  assert.equal(layer?.rows.length, 5);
  assert.ok(field.farthest() <= 1, `${field.farthest()}`);
});
