import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Field } from '../../src/closed-form/field.js';
import { incomingWith } from '../../src/closed-form/first-layer.js';
import { nameActivation } from '../../src/closed-form/profile.js';
import { areSlopesTelling, findSlopesLayers, slopesBeforeTold } from '../../src/closed-form/slopes-layer.js';
import type { ActivationName } from '../../src/network/activations.js';
import { dot } from '../../src/numeric/dot.js';
import { drawInputs } from '../../src/query/collect.js';
import { fieldOf, type SmallNetwork } from './network-field.js';

/** A network with k inputs, r neurons and o outputs. */
function network(activation: ActivationName, [k, r, o]: readonly number[]): SmallNetwork {
  const vectors = (label: string, length: number, spread: number) =>
    Array.from({ length: r }, (_, j) => drawInputs([label, activation, j], 1, length, spread));
  return {
    activation,
    rows: vectors('rows', k, 1.3 / Math.sqrt(k)),
    biases: [...drawInputs(['biases'], 1, r, 0.5)],
    outgoing: vectors('outgoing', o, 1 / Math.sqrt(r)).map((row) => [...row]),
  };
}

const firstOf = async (field: Field, most = 5000) => {
  for await (const layer of findSlopesLayers(field, 0, most)) return layer;
  return undefined;
};

/** Largest error of an incoming vector relative to the network's own, whatever its sign. */
function worstOf({ rows, biases }: SmallNetwork, incoming: Float64Array): number {
  const k = rows[0].length;
  const errors = rows.map((row, j) => {
    const own = Float64Array.of(...row, biases[j]);
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < incoming.length; at += k + 1) {
      for (const sign of [1, -1]) {
        const off = own.map((value, a) => value - sign * incoming[at + a]);
        least = Math.min(least, Math.sqrt(dot(off, off) / dot(own, own)));
      }
    }
    return least;
  });
  return Math.max(...errors);
}

test('more neurons than dimensions: their number, rows, activation, scales and biases', async () => {
  for (const [activation, isRounded, most] of [
    ['gelu', false, 1e-5],
    ['tanh', false, 1e-5],
    ['silu', true, 0.05],
  ] as const) {
    const target = network(activation, [9, 15, 8]);
    const field = fieldOf(target, { isRounded });
    const layer = await firstOf(field);
    assert.equal(layer?.rows.length, 15, activation);
    assert.equal(
      nameActivation(layer.profiles, ['gelu', 'tanh', 'silu', 'softplus'])[0].activation,
      activation,
    );
    const worst = worstOf(target, incomingWith(layer, activation));
    assert.ok(worst < most, `${activation}: ${worst}`);
  }
});

test('as many neurons as dimensions, with three outputs', async () => {
  const target = network('softplus', [14, 14, 3]);
  const field = fieldOf(target);
  const layer = await firstOf(field);
  assert.equal(layer?.rows.length, 14);
  const worst = worstOf(target, incomingWith(layer, 'softplus'));
  assert.ok(worst < 1e-4, `${worst}`);
});

test('behind a second hidden layer slopes span more and more dimensions', async () => {
  const [first, second] = [network('tanh', [10, 10, 8]), network('tanh', [8, 9, 6])];
  const [inner, outer] = [fieldOf(first), fieldOf(second)];
  const field: Field = {
    ...inner,
    outputs: 6,
    evaluate: async (points, count) => outer.evaluate(await inner.evaluate(points, count), count),
  };
  assert.ok(areSlopesTelling(field));
  assert.equal(await firstOf(field, 2000), undefined);
  assert.ok(inner.asked() >= slopesBeforeTold(field) && inner.asked() <= 2000, `${inner.asked()}`);
});

test('outputs that are combinations of two others have no products of their own: their Hessians tell the rows', async () => {
  const target = network('tanh', [6, 6, 2]);
  const field = fieldOf({ ...target, outgoing: target.outgoing.map(([a, b]) => [a, b, a + b, a - b]) });
  const layer = await firstOf(field);
  assert.equal(layer?.rows.length, 6);
  assert.equal(layer.profiles[0].areSlopes, undefined);
});

test('points that a head hides are replaced, and none lies outside of the bounds', async () => {
  const target = network('tanh', [8, 8, 5]);
  const bounded = fieldOf(target, { limit: 2 });
  const field: Field = {
    ...bounded,
    async evaluate(points, count) {
      const answers = await bounded.evaluate(points, count);
      return answers.map((value, i) => (points[Math.floor(i / 5) * 8] > 1.2 ? Number.NaN : value));
    },
  };
  const layer = await firstOf(field);
  assert.equal(layer?.rows.length, 8);
  assert.ok(bounded.farthest() <= 2, `${bounded.farthest()}`);
});
