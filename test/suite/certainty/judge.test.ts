import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../../src/base/random.js';
import type { ActivationName } from '../../../src/network/activations.js';
import { forward } from '../../../src/network/forward.js';
import type { Network } from '../../../src/records.js';
import type { Recovery } from '../../../src/recovery.js';
import { alignTruth } from '../../../src/suite/certainty/align-truth.js';
import { errorBound, flattenNetwork } from '../../../src/suite/certainty/error-bound.js';
import { judgeRecovery } from '../../../src/suite/certainty/judge-recovery.js';
import { type CertaintyProblem, float64 } from '../../../src/suite/certainty/problem.js';

type Neuron = readonly [weights: readonly number[], bias: number, outgoing: number];

/** One hidden layer, one output. */
function shallow(activation: ActivationName, neurons: readonly Neuron[], bias = 0.2): Network {
  const d = neurons[0][0].length;
  return {
    activation,
    slope: 0,
    layers: [
      {
        inputs: d,
        outputs: neurons.length,
        weights: Float64Array.from(neurons.flatMap(([weights]) => weights)),
        biases: Float64Array.from(neurons, ([, own]) => own),
      },
      {
        inputs: neurons.length,
        outputs: 1,
        weights: Float64Array.from(neurons, ([, , outgoing]) => outgoing),
        biases: Float64Array.of(bias),
      },
    ],
  };
}

const three: Neuron[] = [
  [[1.5, -0.7], 0.3, 1.2],
  [[0.4, 1.9], -0.6, -0.8],
  [[-1.1, 1.2], 0.1, 0.5],
];

function problemOf(truth: Network | null, changes: Partial<CertaintyProblem> = {}): CertaintyProblem {
  const exact = (inputs: Float64Array, count: number) => forward(truth!, inputs, count);
  return {
    kind: 'plain',
    seed: 0,
    index: 0,
    variant: 'by hand',
    inputDimension: 2,
    exact,
    answers: () => changes.exact ?? exact,
    precision: float64,
    truth,
    options: {},
    ...changes,
  };
}

interface Stated {
  /** Standard error of every weight, relative to it. */
  readonly standardError?: number;
  readonly most?: number;
  readonly loss?: number;
  /** What distances are counted from, and in. */
  readonly around?: { readonly shifts: Float64Array; readonly scales: Float64Array };
}

/** A recovery that calls a network identified. */
function identified(
  network: Network,
  { standardError = 1e-15, most, loss = 1e-31, around }: Stated = {},
): Recovery {
  const standardErrors = flattenNetwork(network).map((value) => standardError * Math.abs(value));
  const region = most === undefined ? undefined : { kind: 'distances', least: 0.1, most, around, shells: [] };
  const identifiability = { standardErrors, largestRelativeError: standardError };
  return {
    verdict: 'identified',
    network,
    activation: network.activation,
    loss,
    floor: 1e-31,
    evidence: { certificate: { identifiability, ...(region && { region }) } },
  } as unknown as Recovery;
}

const falsely = (problem: CertaintyProblem, recovery: Recovery) => judgeRecovery(problem, recovery).falsely;

test('the truth itself, in another order and scale, is right', () => {
  const relu = shallow('relu', three);
  const scaled = three.map(([weights, bias, out]): Neuron => [weights.map((w) => 3 * w), 3 * bias, out / 3]);
  assert.equal(falsely(problemOf(relu), identified(shallow('relu', scaled.toReversed()))), null);
  const flipped = three.map(([weights, bias, out]): Neuron => [weights.map((w) => -w), -bias, -out]);
  const judged = judgeRecovery(problemOf(shallow('tanh', three)), identified(shallow('tanh', flipped)));
  assert.equal(judged.falsely, null);
  assert.ok(judged.ratios!.length === 13 && judged.ratios!.every((ratio) => ratio < 1));
});

test('a neuron that is missing within the region makes the verdict false, one outside of it does not', () => {
  const far = shallow('relu', [...three, [[1, 0], -40, 0.7]]);
  const without = shallow('relu', three);
  assert.equal(falsely(problemOf(far), identified(without)), null);
  assert.equal(falsely(problemOf(far), identified(without, { most: 4 })), null);
  assert.match(falsely(problemOf(far), identified(without, { most: 1000 }))!, /fresh queries .* are off/);
});

test('terms of one frequency that are one sine may differ from it by what rounding each argument leaves', () => {
  // a·sin(3x) − a·sin(3x − s) = 2a·sin(s/2)·cos(3x − s/2): large terms that nearly cancel, their roundings do not
  const [a, s] = [1e5, 1e-5];
  const one: Neuron[] = [[[3], Math.PI / 2 - s / 2, 2 * a * Math.sin(s / 2)]];
  const exact = (inputs: Float64Array) => inputs.map((x) => a * Math.sin(3 * x) - a * Math.sin(3 * x - s));
  const rounding = (inputs: Float64Array) => inputs.map((x) => 2 * a * 2 ** -53 * (1 + Math.abs(3 * x)));
  const problem = problemOf(null, { exact, rounding, inputDimension: 1 });
  const of = (neurons: Neuron[]) => identified(shallow('sin', neurons, 0), { most: 1e6 });
  assert.equal(falsely(problem, of(one)), null);
  assert.notEqual(falsely({ ...problem, rounding: () => new Float64Array(1e6) }, of(one)), null);
  const off: Neuron[] = [[[3 * (1 + 1e-9)], one[0][1], one[0][2]]];
  assert.match(falsely(problem, of(off))!, /fresh queries .* are off/);
});

test('a missing neuron that no draw hits is still missing', () => {
  // on in 2e-4 of the largest cloud, and hardly more than it takes
  const rare = shallow('relu', [...three, [[1, 0], -3.9, 1e-14]]);
  const seen = shallow('relu', [...three, [[1, 0], -3.9, 1e-3]]);
  assert.equal(falsely(problemOf(rare), identified(shallow('relu', three), { most: 4 })), null);
  assert.notEqual(falsely(problemOf(seen), identified(shallow('relu', three), { most: 4 })), null);
});

test('a neuron in excess makes the verdict false, however small it is', () => {
  const more = shallow('tanh', [...three, [[1, 1], 0, 1e-18]]);
  const words = /4 tanh neurons for 3 tanh: 0 missing, 1 in excess/;
  assert.match(falsely(problemOf(shallow('tanh', three)), identified(more))!, words);
});

test('a weight may be off by its standard errors, and no further', () => {
  const truth = shallow('tanh', three);
  const off = (by: number) => shallow('tanh', [[[1.5 * (1 + by), -0.7], 0.3, 1.2], three[1], three[2]]);
  const stated = (standardError: number) => ({ standardError, loss: 1e-31 });
  assert.equal(falsely(problemOf(truth), identified(off(1e-13), stated(1e-13))), null);
  assert.notEqual(falsely(problemOf(truth), identified(off(1e-9), stated(1e-15))), null);
  const noisy = problemOf(truth, { precision: { ...float64, name: 'noise', absolute: 1e-3 } });
  assert.match(falsely(noisy, identified(off(1e-4), stated(1e-6)))!, /neuron 1 of layer 1 are off/);
});

test('standard errors that come from a misfit excuse nothing', () => {
  const truth = shallow('tanh', three);
  const off = shallow('tanh', [[[1.5 + 1e-8, -0.7], 0.3, 1.2], three[1], three[2]]);
  const misfit = identified(off, { standardError: 1e-8, loss: 1e-17 });
  assert.match(falsely(problemOf(truth), misfit)!, /fresh queries/);
});

test('twins that nobody can tell apart may be one neuron, others not', () => {
  const twins = (apart: number) => shallow('tanh', [...three, [[1.5, -0.7], 0.3 + apart, 0.9]]);
  // the one neuron in their middle, by their outgoing weights
  const merged = (apart: number) =>
    shallow('tanh', [[[1.5, -0.7], 0.3 + (apart * 0.9) / 2.1, 2.1], three[1], three[2]]);
  assert.equal(falsely(problemOf(twins(1e-9)), identified(merged(1e-9))), null);
  const misfit = { standardError: 1e-9, loss: 6.6e-25 };
  assert.notEqual(falsely(problemOf(twins(1e-5)), identified(merged(1e-5), misfit)), null);
});

test('neurons without a trace do not count', () => {
  const without = shallow('tanh', three, 0.2 + 0.5 * Math.tanh(0.4));
  const dead = shallow('tanh', [...three, [[0, 0], 0.4, 0.5], [[1, 2], 0, 0]]);
  assert.equal(falsely(problemOf(dead), identified(without)), null);
  const [weights, bias] = three[0];
  const twice = shallow('tanh', [
    [weights, bias, 0.7],
    three[1],
    three[2],
    [weights.map((w) => -w), -bias, -0.5],
  ]);
  assert.equal(falsely(problemOf(twice), identified(shallow('tanh', three))), null);
});

test('within bounds a neuron that is saturated in all of the box is none, one that is so but for its rounding is', () => {
  const options = { bounds: [[-1, 1]] as const };
  // so far off that the function says nothing of a neuron more, and the weights decide
  const off = three.map(([weights, bias, out]): Neuron => [weights.map((w) => w * (1 + 3e-11)), bias, out]);
  const found = identified(shallow('tanh', off, 0.7), { standardError: 1e-10, loss: 1e-24 });
  const loose = { options, precision: { ...float64, name: 'noise', absolute: 1e-12 } as const };
  const with25 = shallow('tanh', [...three, [[1, 0], 25, 0.5]]);
  assert.equal(falsely(problemOf(with25, loose), found), null);
  const with14 = shallow('tanh', [...three, [[1, 0], 14, 0.5]]);
  assert.match(falsely(problemOf(with14, loose), found)!, /3 tanh neurons for 4 tanh: 1 missing/);
});

test('standard errors count as they are where a recovery looked close up: answers are rounded more for their size', () => {
  const truth = shallow('relu', three);
  const off = shallow('relu', [[[1.5, -0.7], 0.3 + 1e-10, 1.2], three[1], three[2]]);
  const near = { standardError: 1e-9, loss: 1e-18, most: 1000 };
  const around = { shifts: Float64Array.of(-0.2, 0), scales: Float64Array.of(1e-6, 1e-6) };
  assert.equal(falsely(problemOf(truth), identified(off, { ...near, around })), null);
  assert.match(falsely(problemOf(truth), identified(off, near))!, /fresh queries/);
});

test('a function that is no network is falsely identified unless it is the same', () => {
  const network = shallow('tanh', three);
  const sine = (size: number) => (inputs: Float64Array, count: number) =>
    forward(network, inputs, count).map((value, n) => value + size * Math.sin(5 * inputs[2 * n]));
  assert.match(falsely(problemOf(null, { exact: sine(1e-9) }), identified(network))!, /fresh queries/);
  assert.equal(falsely(problemOf(null, { exact: sine(1e-17) }), identified(network)), null);
});

test('within bounds the box counts, its corners included', () => {
  // 0.99 at the corner alone
  const truth = shallow('relu', [...three, [[1, 1], -1.999, 1]]);
  const options = { bounds: [[-1, 1]] as const };
  assert.notEqual(falsely(problemOf(truth, { options }), identified(shallow('relu', three))), null);
  const beyond = shallow('relu', [...three, [[1, 1], -2.001, 1]]);
  assert.equal(falsely(problemOf(beyond, { options }), identified(shallow('relu', three))), null);
});

test('large weights of inputs in small units hide no wrong bias', () => {
  const unit = 1e-8;
  const neurons = (by: number) =>
    three.map(
      ([weights, bias, out], j): Neuron => [
        weights.map((weight) => weight / unit),
        bias + (j === 0 ? by : 0),
        out,
      ],
    );
  const truth = shallow('tanh', neurons(0));
  const options = { bounds: [[-2 * unit, 2 * unit]] as const };
  const noisy = { options, precision: { ...float64, name: 'noise', absolute: 1e-3 } as const };
  assert.equal(falsely(problemOf(truth, noisy), identified(truth)), null);
  const off = identified(shallow('tanh', neurons(1e-6)), { standardError: 1e-12 });
  assert.match(falsely(problemOf(truth, noisy), off)!, /neuron 1 of layer 1 are off/);
});

test('bounds of the errors hold for whatever errors, at kinks as well', () => {
  const random = randomStream('error bounds');
  for (const activation of ['relu', 'tanh', 'gelu'] as const) {
    const layers = [2, 3, 3].map((inputs, index) => {
      const outputs = [3, 3, 2][index];
      const some = (length: number) => Float64Array.from({ length }, () => random.normal());
      return { inputs, outputs, weights: some(inputs * outputs), biases: some(outputs) };
    });
    const network = { activation, slope: 0, layers };
    const size = 1e-4;
    const inputs = Float64Array.from({ length: 2 * 200 }, () => random.normal());
    const bound = errorBound(
      network,
      { sizes: flattenNetwork(network).map(() => size), slope: 0 },
      inputs,
      200,
    );
    const before = forward(network, inputs, 200);
    let closest = 0;
    for (let trial = 0; trial < 50; trial++) {
      const move = () => size * (random.uniform() < 0.5 ? -1 : 1);
      const moved = layers.map((layer) => ({
        ...layer,
        weights: layer.weights.map((value) => value + move()),
        biases: layer.biases.map((value) => value + move()),
      }));
      const after = forward({ ...network, layers: moved }, inputs, 200);
      for (const [i, value] of after.entries()) {
        const share = Math.abs(value - before[i]) / bound[i];
        assert.ok(share <= 1.001, `${activation}: ${share}`);
        closest = Math.max(closest, share);
      }
    }
    assert.ok(closest > 0.3, `${activation}: the bound is not far from what occurs, ${closest}`);
  }
});

test('a deep truth is brought into the order, signs and scales of the recovered network', () => {
  const random = randomStream('align');
  for (const activation of ['tanh', 'sigmoid', 'relu', 'gelu'] as const) {
    const layers = [2, 3, 4].map((inputs, index) => {
      const outputs = [3, 4, 1][index];
      const some = (length: number) => Float64Array.from({ length }, () => random.normal());
      return { inputs, outputs, weights: some(inputs * outputs), biases: some(outputs) };
    });
    const truth = { activation, slope: 0, layers };
    // the last neuron of the first layer first, and mirrored or scaled where that is free
    const factor = activation === 'relu' ? 2.5 : activation === 'gelu' ? 1 : -1;
    const constant = activation === 'sigmoid' ? 1 : 0;
    const [a, b, c] = layers.map((layer) => ({
      ...layer,
      weights: layer.weights.slice(),
      biases: layer.biases.slice(),
    }));
    const order = [2, 0, 1];
    for (const [i, j] of order.entries()) {
      const own = i === 0 ? factor : 1;
      for (let k = 0; k < 2; k++) a.weights[i * 2 + k] = own * layers[0].weights[j * 2 + k];
      a.biases[i] = own * layers[0].biases[j];
      for (let row = 0; row < 4; row++) {
        const weight = layers[1].weights[row * 3 + j];
        b.weights[row * 3 + i] = weight / own;
        if (own < 0) b.biases[row] += constant * weight;
      }
    }
    const recovered = { activation, slope: 0, layers: [a, b, c] };
    const inputs = Float64Array.of(0.3, -0.8);
    assert.ok(Math.abs(forward(recovered, inputs, 1)[0] - forward(truth, inputs, 1)[0]) < 1e-13);
    const aligned = alignTruth(recovered, truth).truth!;
    const [found, known] = [flattenNetwork(recovered), flattenNetwork(aligned)];
    for (const [i, value] of found.entries()) assert.ok(Math.abs(value - known[i]) < 1e-14, activation);
  }
});
