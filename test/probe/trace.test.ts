import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import type { Scalar } from '../../src/probe/far-field.js';
import { probeFirstLayer } from '../../src/probe/layers.js';
import { traceLayer } from '../../src/probe/trace-layer.js';
import type { Network } from '../../src/records.js';
import { deepTarget } from '../../src/suite/deep.js';

const kernels = loadKernels();

/** A network of one output, its answers counted. */
function counted(network: Network): { scalar: Scalar; asked: () => number } {
  let queries = 0;
  const scalar: Scalar = {
    dimension: network.layers[0].inputs,
    roundoff: 2 ** -53,
    async evaluate(points, count) {
      queries += count;
      return forward(network, points, count);
    },
  };
  return { scalar, asked: () => queries };
}

/** For every found first-layer neuron (d+1 numbers each) which true one it is, its sign and its scale. */
function matchFirst({ layers }: Network, incoming: Float64Array) {
  const { inputs: d, outputs: r, weights } = layers[0];
  return Array.from({ length: incoming.length / (d + 1) }, (_, j) => {
    const own = incoming.subarray(j * (d + 1), j * (d + 1) + d);
    const cosines = Array.from({ length: r }, (_, i) => {
      const truth = weights.subarray(i * d, (i + 1) * d);
      const product = truth.reduce((sum, value, k) => sum + value * own[k], 0);
      return { i, cosine: product / Math.hypot(...truth) / Math.hypot(...own), truth };
    });
    const best = cosines.reduce((a, b) => (Math.abs(b.cosine) > Math.abs(a.cosine) ? b : a));
    return {
      index: best.i,
      sign: Math.sign(best.cosine),
      scale: Math.hypot(...best.truth) / Math.hypot(...own),
    };
  });
}

/** Distance of every true second-layer neuron to the nearest found one, up to sign and scale. */
function distances(network: Network, first: ReturnType<typeof matchFirst>, found: Float64Array): number[] {
  const { inputs: r, outputs, weights } = network.layers[1];
  const unit = (vector: readonly number[]) => vector.map((value) => value / Math.hypot(...vector));
  return Array.from({ length: outputs }, (_, i) => {
    const truth = unit(first.map(({ index, scale }) => weights[i * r + index] * scale));
    let nearest = Number.POSITIVE_INFINITY;
    for (let at = 0; at < found.length; at += r + 1) {
      const own = unit([...found.subarray(at, at + r)]);
      for (const sign of [1, -1]) {
        nearest = Math.min(nearest, Math.hypot(...truth.map((value, k) => value - sign * own[k])));
      }
    }
    return nearest;
  });
}

describe('behind a first layer of more neurons than inputs', () => {
  for (const activation of ['relu', 'leaky_relu', 'softplus'] as const) {
    test(`surfaces show the second layer of ${activation}, and the first one's signs`, async () => {
      const network = deepTarget({ activation, depth: 2, seed: 1 });
      const { scalar, asked } = counted(network);
      const { layers } = await probeFirstLayer(scalar, 0, kernels);
      assert.equal(layers[0].oriented, false);
      const before = asked();
      const traced = await traceLayer(scalar, layers, [0, 'trace', layers.length, 1], kernels);
      const [first] = traced.known;
      assert.equal(first.oriented, true);
      assert.ok(Math.abs(first.slope - network.slope) < 1e-7, `slope ${first.slope}`);
      const matched = matchFirst(network, first.incoming);
      assert.ok(matched.every(({ sign }) => sign === 1));
      const right = distances(network, matched, traced.incoming).filter((distance) => distance < 1e-6);
      assert.ok(right.length >= network.layers[1].outputs - 1, `${right.length} neurons`);
      assert.ok(asked() - before < 30_000, `${asked() - before} queries`);
    });
  }
});
