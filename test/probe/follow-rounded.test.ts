import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import { followRounded } from '../../src/probe/follow-rounded.js';
import { readRoundedLayer } from '../../src/probe/rounded-layer.js';
import { deepTarget } from '../../src/suite/deep.js';
import { answersOf, inFloat32, oneLayer } from './rounded-networks.js';

const kernels = loadKernels();

/** Least distance of unit vectors from those that were found, up to sign. */
function errorsOf(wanted: readonly Float64Array[], found: Float64Array, size: number): number[] {
  return wanted.map((vector) => {
    const length = Math.hypot(...vector);
    let least = Number.POSITIVE_INFINITY;
    for (let at = 0; at < found.length; at += size) {
      const own = found.subarray(at, at + vector.length);
      const scale = Math.hypot(...own);
      for (const sign of [1, -1]) {
        least = Math.min(least, Math.hypot(...vector.map((w, k) => w / length - (sign * own[k]) / scale)));
      }
    }
    return least;
  });
}

for (const activation of ['relu', 'leaky_relu'] as const) {
  test(`${activation}: more neurons than inputs get their signs, and the layer behind them is found, from float32 answers`, async () => {
    const network = deepTarget({ activation, depth: 2, seed: 1 });
    const [first, second] = network.layers;
    const { inputs: d, outputs: m } = first;
    assert.deepEqual([d, m, second.outputs], [7, 8, 6]);
    const scalar = inFloat32(d, (points, count) => forward(network, points, count));
    const read = (await readRoundedLayer(scalar, [1, 'test'], kernels))!;
    const layer = {
      activation: 'relu',
      slope: 0,
      inputs: d,
      incoming: read.incoming,
      oriented: false,
    } as const;
    const followed = await followRounded(scalar, [layer], read.others, [1, 'test']);
    const [known] = followed.known;
    assert.ok(known.oriented);
    assert.ok(Math.abs(known.slope - network.slope) < 1e-3, `${known.slope}`);
    // every neuron that was read, beside the target's: which one it is, and whether it points the same way
    const rows = Array.from({ length: m }, (_, j) => first.weights.subarray(j * d, (j + 1) * d));
    const places = rows.map((row) => {
      const length = Math.hypot(...row);
      const cosines = Array.from({ length: m }, (_, i) => {
        const own = known.incoming.subarray(i * (d + 1), i * (d + 1) + d);
        return own.reduce((sum, w, k) => sum + w * row[k], 0) / length / Math.hypot(...own);
      });
      const at = cosines.findIndex((cosine) => cosine > 1 - 1e-6);
      assert.ok(at >= 0, 'a neuron is missing or points the wrong way');
      return { at, scale: length / Math.hypot(...known.incoming.subarray(at * (d + 1), at * (d + 1) + d)) };
    });
    const wanted = Array.from({ length: second.outputs }, (_, i) => {
      const vector = new Float64Array(m);
      places.forEach(({ at, scale }, j) => {
        vector[at] = scale * second.weights[i * m + j];
      });
      return vector;
    });
    const errors = errorsOf(wanted, followed.incoming, m + 1);
    assert.ok(
      errors.every((error) => error < 1e-2),
      `${errors}`,
    );
  });
}

test('behind one hidden layer alone there is nothing to follow', async () => {
  const scalar = answersOf(oneLayer('relu'));
  const read = (await readRoundedLayer(scalar, [1, 'test'], kernels))!;
  const layer = {
    activation: 'relu',
    slope: 0,
    inputs: 3,
    incoming: read.incoming,
    oriented: false,
  } as const;
  const { neurons, incoming } = await followRounded(scalar, [layer], read.others, [1, 'test']);
  assert.equal(neurons.length, 0);
  assert.equal(incoming.length, 0);
});
