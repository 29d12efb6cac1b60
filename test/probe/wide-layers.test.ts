import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import type { ActivationName } from '../../src/network/activations.js';
import { forward } from '../../src/network/forward.js';
import { dot } from '../../src/numeric/dot.js';
import { type Cell, cellAt, featuresAt, mapAt } from '../../src/probe/cells.js';
import { chooseDistance } from '../../src/probe/distance.js';
import { farDistance, type Scalar, wholeSpace } from '../../src/probe/far-field.js';
import { bendsInItsCell } from '../../src/probe/same-cell.js';
import { sparseRegion } from '../../src/probe/sparse-region.js';
import type { KnownLayer, Network } from '../../src/records.js';
import { knownLayers } from '../deep/contexts.js';
import { randomNetwork } from '../run/networks.js';

/** A network as one number a point. */
function scalarOf(network: Network): Scalar {
  return {
    dimension: network.layers[0].inputs,
    roundoff: 2 ** -53,
    evaluate: async (points, count) => forward(network, points, count),
  };
}

test('where bends of many smooth neurons crowd, they are looked at from farther out', async () => {
  const distanceOf = (activation: ActivationName, sizes: readonly number[]) =>
    chooseDistance(scalarOf(randomNetwork(activation, sizes)), ['distance']);
  assert.equal(await distanceOf('softplus', [6, 6, 1]), farDistance);
  assert.ok((await distanceOf('softplus', [20, 20, 20, 1])) > 3 * farDistance);
  assert.equal(await distanceOf('relu', [20, 20, 20, 1]), farDistance, 'sharp bends gain nothing');
});

test('what the next layer sees at a point is what its cell says', () => {
  const network = randomNetwork('g', [5, 6, 4, 1]);
  const layers = knownLayers(network, 2).map((layer, l) => ({ ...layer, oriented: l === 0 }));
  const random = randomStream('features');
  for (let n = 0; n < 20; n++) {
    const point = wholeSpace(5).draw(random);
    const { features } = cellAt(layers, point);
    const values = featuresAt(layers, point);
    assert.equal(values.length, features.length);
    features.forEach((feature, k) => {
      assert.ok(Math.abs(mapAt(feature, point) - values[k]) <= 1e-9 * (1 + Math.abs(values[k])));
    });
  }
});

/** A point near a random one at which a neuron behind known layers bends, its normal, and the cell of the first layer. */
function placeOn(
  layers: readonly KnownLayer[],
  incoming: Float64Array,
  labels: readonly (string | number)[],
) {
  const random = randomStream(...labels);
  for (let tries = 0; tries < 1000; tries++) {
    const point = wholeSpace(layers[0].inputs).draw(random);
    const own = cellAt(layers, point);
    const seen = new Float64Array(point.length + 1);
    own.features.forEach((feature, k) => {
      for (let i = 0; i < seen.length; i++) seen[i] += incoming[k] * feature[i];
    });
    seen[point.length] += incoming[own.features.length];
    const normal = seen.subarray(0, point.length);
    if (dot(normal, normal) === 0) continue;
    const on = point.map((value, k) => value - (mapAt(seen, point) * normal[k]) / dot(normal, normal));
    const isSame = (cell: Cell) => cell.pattern.every((side, k) => side === own.pattern[k]);
    if (isSame(cellAt(layers, on))) return { point: on, normal, cell: cellAt([layers[0]], on), gain: 1 };
  }
  throw new Error('no point of the surface was found');
}

test('a look across a cell tells the neurons behind it from deeper ones', async () => {
  const network = randomNetwork('relu', [14, 14, 14, 14, 1]);
  const scalar = scalarOf(network);
  const layers = knownLayers(network, 3);
  const looks = async (behind: 1 | 2) => {
    const { incoming, inputs } = layers[behind];
    const answers: (boolean | undefined)[] = [];
    for (let j = 0; j < 6; j++) {
      const own = incoming.slice(j * (inputs + 1), (j + 1) * (inputs + 1));
      const place = placeOn(layers.slice(0, behind), own, ['place', behind, j]);
      const random = randomStream('look', behind, j);
      answers.push(await bendsInItsCell(place, { scalar, layers: layers.slice(0, 1), reach: 3e5, random }));
    }
    return answers;
  };
  assert.ok(!(await looks(1)).includes(false), 'none of the next layer is turned away');
  assert.ok((await looks(2)).filter((answer) => answer === false).length >= 4, 'most deeper ones are');
});

test('sparse points leave few neurons active', () => {
  const layers = knownLayers(randomNetwork('relu', [16, 16, 1]), 1);
  const random = randomStream('sparse');
  const region = sparseRegion(layers, 16, farDistance);
  let most = 0;
  for (let n = 0; n < 20; n++) {
    const active = featuresAt(layers, region.draw(random)).filter((value) => value > 0).length;
    most = Math.max(most, active);
  }
  assert.ok(most <= 8, `${most} of 16 neurons are active`);
});
