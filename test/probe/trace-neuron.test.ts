import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { loadKernels } from '../../src/kernels/load.js';
import { crossingsAlong } from '../../src/probe/cells.js';
import { type Scalar, walk, wholeSpace } from '../../src/probe/far-field.js';
import { type Bend, inspectKink, kinksOf } from '../../src/probe/kinks.js';
import { inScale, isMostlySeen, surveyTraced, traceNeuron } from '../../src/probe/trace-neuron.js';
import type { KnownLayer, Network } from '../../src/records.js';
import { answersOf, knownLayer, network, turnBetween } from './plane-networks.js';

const kernels = loadKernels();
const region = wholeSpace(3, 1e5);
const contextOf = (scalar: Scalar, layers: readonly KnownLayer[]) => ({
  ...{ scalar, layers, region, reach: 1e6, kernels },
  random: randomStream('traced', layers.length),
});

/** Bends of random lines that are none of known neurons. */
async function bendsBehind(scalar: Scalar, layers: readonly KnownLayer[], lines: number): Promise<Bend[]> {
  const random = randomStream('lines', layers.length);
  const bends: Bend[] = [];
  for (let line = 0; line < lines; line++) {
    const walked = await walk(scalar, region, random);
    const length = walked.cell * (walked.values.length - 1);
    const known = crossingsAlong(layers, walked.from, walked.direction, length);
    const isKnown = (t: number) => known.some((at) => Math.abs(t - at) < 1e-6 * length);
    for (const kink of await kinksOf(scalar, walked, isKnown)) {
      const bend = await inspectKink(scalar, kink);
      if (bend !== undefined) bends.push(bend);
    }
  }
  return bends;
}

test('the surface of a neuron behind a known layer tells all of its weights but their size', async () => {
  const scalar = answersOf(network);
  const first = knownLayer(network, 0);
  const { incoming: truth } = knownLayer(network, 1);
  const bends = await bendsBehind(scalar, [first], 10);
  const found = new Set<number>();
  for (const bend of bends) {
    const traced = await traceNeuron(bend, contextOf(scalar, [first]));
    if (traced === undefined || !traced.surface.determined.every(Boolean)) continue;
    const turns = [0, 1].map((j) =>
      turnBetween(traced.incoming.subarray(0, 3), truth.subarray(4 * j, 4 * j + 3)),
    );
    const nearest = turns.indexOf(Math.min(...turns));
    assert.ok(turns[nearest] < 1e-6, `off by ${turns[nearest]}`);
    assert.ok(isMostlySeen(traced));
    // all points of its surface lie where it sees 0
    const { points, asked } = await surveyTraced(traced, 8, contextOf(scalar, [first]));
    assert.ok(points.length > 0 && points.length <= asked);
    found.add(nearest);
  }
  assert.deepEqual([...found].sort(), [0, 1]);
});

test('a bend of a neuron that sees the inputs themselves is none of the layer behind those known', async () => {
  // the third neuron of the first layer is not known: its bend is straight, whatever the others do
  const whole = knownLayer(network, 0);
  const known = { ...whole, incoming: whole.incoming.slice(0, 8) };
  const alone: Network = {
    ...network,
    layers: [
      network.layers[0],
      { inputs: 3, outputs: 1, weights: Float64Array.of(1, -0.5, 0.75), biases: Float64Array.of(0) },
    ],
  };
  const scalar = answersOf(alone);
  const bends = await bendsBehind(scalar, [known], 4);
  assert.ok(bends.length > 0);
  for (const bend of bends) assert.equal(await traceNeuron(bend, contextOf(scalar, [known])), undefined);
});

test('a surface takes the scale of its bend, and its bias where the activation bends', () => {
  const surface = { incoming: Float64Array.of(1, -2, 3), determined: [true, true], residual: 0 };
  assert.deepEqual(inScale(surface, 2, -1), { incoming: Float64Array.of(2, -4, 5) });
});
