import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../../src/base/random.js';
import { forward } from '../../../src/network/forward.js';
import type { Network } from '../../../src/records.js';
import { certaintyKinds, certaintyProblem } from '../../../src/suite/certainty/kinds.js';
import type { CertaintyProblem } from '../../../src/suite/certainty/problem.js';

/** The first problems of a kind, of seed 5. */
function problemsOf(kind: string, count: number): CertaintyProblem[] {
  const first = certaintyKinds.indexOf(kind);
  assert.ok(first >= 0, kind);
  return Array.from({ length: count }, (_, i) => certaintyProblem(5, first + i * certaintyKinds.length));
}

/** A standard-normal cloud, count × d. */
function cloud(d: number, count: number): Float64Array {
  const random = randomStream('cloud of the test', d);
  return Float64Array.from({ length: count * d }, () => random.normal());
}

/** Incoming vectors of the first layer, with the bias last. */
function vectorsOf({ layers }: Network): number[][] {
  const { inputs: d, outputs, weights, biases } = layers[0];
  return Array.from({ length: outputs }, (_, j) => [...weights.subarray(j * d, (j + 1) * d), biases[j]]);
}

const distanceOf = (vector: readonly number[]) => -vector.at(-1)! / Math.hypot(...vector.slice(0, -1));

/** The number that a variant states before or after some words. */
const stated = (variant: string, pattern: RegExp) => Number(pattern.exec(variant)?.[1]);

const answersOf = (problem: CertaintyProblem, inputs: Float64Array, count: number) =>
  problem.answers()(inputs, count) as Float64Array;

test('every kind comes round evenly, and every activation in each kind of network', () => {
  const kinds = Array.from({ length: 3 * certaintyKinds.length }, (_, i) => certaintyProblem(1, i).kind);
  for (const kind of certaintyKinds) assert.equal(kinds.filter((name) => name === kind).length, 3, kind);
  assert.equal(new Set(problemsOf('plain', 10).map(({ activation }) => activation)).size, 10);
});

test('a problem depends on its seed and number alone', () => {
  for (let index = 0; index < certaintyKinds.length; index++) {
    const [one, again, other] = [
      certaintyProblem(3, index),
      certaintyProblem(3, index),
      certaintyProblem(4, index),
    ];
    const inputs = cloud(one.inputDimension, 20);
    assert.deepEqual(answersOf(one, inputs, 20), answersOf(again, inputs, 20), one.kind);
    assert.deepEqual([one.variant, one.options], [again.variant, again.options]);
    assert.notEqual(
      JSON.stringify([one.variant, one.options]),
      JSON.stringify([other.variant, other.options]),
    );
    if (one.truth) assert.deepEqual(one.exact(inputs, 20), forward(one.truth, inputs, 20), one.kind);
  }
});

test('answers are finite from close by to a million units out, dimensions are from 1 to 8', () => {
  for (let index = 0; index < 10 * certaintyKinds.length; index++) {
    const problem = certaintyProblem(9, index);
    const { inputDimension: d } = problem;
    assert.ok(d >= 1 && d <= 8);
    for (const size of [1e-3, 1, 1e6]) {
      const answers = answersOf(
        problem,
        cloud(d, 10).map((x) => size * x),
        10,
      );
      assert.ok(answers.every(Number.isFinite), `${problem.kind} ${index}: ${problem.variant}`);
    }
  }
});

test('twins are as far apart as they say, from 1e-9 to 1e-2 of their size', () => {
  const distances = problemsOf('twins', 30).map(({ truth, variant }) => {
    const vectors = vectorsOf(truth!);
    const [first, last] = [vectors[0], vectors.at(-1)!];
    const apart = Math.hypot(...first.map((value, k) => value - last[k])) / Math.hypot(...first);
    const said = stated(variant, /, (\S+) apart/);
    assert.ok(Math.abs(apart / said - 1) < 0.06, `${apart} for ${said}`); // two digits are said
    const signs = [0, truth!.layers[0].outputs - 1].map((j) => Math.sign(truth!.layers[1].weights[j]));
    assert.equal(signs[0] === -signs[1], variant.endsWith('opposing'));
    return apart;
  });
  assert.ok(Math.min(...distances) < 1e-7 && Math.max(...distances) > 1e-4);
});

test('rare neurons are on as rarely as they say', () => {
  for (const { truth, variant, inputDimension: d } of problemsOf('rare', 30)) {
    const said = stated(variant, /on in (\S+) of/);
    const [vector] = vectorsOf(truth!);
    // the tail of the normal distribution by Simpson's rule, far enough out
    const from = distanceOf(vector);
    const step = 1e-3;
    let tail = 0;
    for (let i = 0; i <= 10_000; i++) {
      const weight = i === 0 || i === 10_000 ? 1 : i % 2 === 0 ? 2 : 4;
      tail += (weight * step * Math.exp(-((from + i * step) ** 2) / 2)) / 3 / Math.sqrt(2 * Math.PI);
    }
    assert.ok(Math.abs(tail / said - 1) < 0.06, `${tail} for ${said}`);
    if (said < 1e-2) continue;
    const count = 20_000;
    const inputs = cloud(d, count);
    const seen = Array.from({ length: count }, (_, n) =>
      vector.slice(0, -1).reduce((sum, weight, k) => sum + weight * inputs[n * d + k], vector[d]),
    );
    const share = seen.filter((z) => z > 0).length / count;
    assert.ok(Math.abs(share / said - 1) < 0.3, `${share} for ${said}`);
  }
});

test('far neurons bend where they say, tiny ones are as tiny as they say', () => {
  for (const { truth, variant } of problemsOf('far', 12)) {
    const distance = distanceOf(vectorsOf(truth!)[0]);
    assert.ok(Math.abs(Math.abs(distance) / stated(variant, /bend at (\S+),/) - 1) < 0.06);
    assert.equal(distance < 0, variant.includes(', on at the origin'));
    assert.ok(Math.abs(distance) >= 10 && Math.abs(distance) <= 1e6);
  }
  for (const { truth, variant } of problemsOf('tiny', 12)) {
    const { weights, inputs } = truth!.layers[1];
    const ratio = Math.abs(weights[0] / weights[inputs - 1]);
    const said = stated(variant, /weight (\S+)$/);
    assert.ok(ratio > said / 3.2 && ratio < 3.2 * said, `${ratio} for ${said}`); // sizes are in [0.5, 1.5]
  }
});

test('without its last neuron a dead network is the same near the origin, but for a constant', () => {
  for (const { truth, variant, inputDimension: d } of problemsOf('dead', 12)) {
    const without = truth!.layers.map((layer) => ({ ...layer, weights: layer.weights.slice() }));
    const [, last] = without;
    for (let o = 0; o < last.outputs; o++) last.weights[(o + 1) * last.inputs - 1] = 0;
    const inputs = cloud(d, 100);
    const [a, b] = [truth!, { ...truth!, layers: without }].map((network) => forward(network, inputs, 100));
    const o = last.outputs;
    for (const [i, value] of a.entries()) {
      assert.ok(Math.abs(value - b[i] - (a[i % o] - b[i % o])) < 1e-12, variant);
    }
  }
});

test('duplicated neurons have the same hyperplane', () => {
  for (const { truth, variant } of problemsOf('duplicated', 12)) {
    const vectors = vectorsOf(truth!);
    const [u, v] = [vectors[0], vectors.at(-1)!];
    const cosine = u.reduce((sum, value, k) => sum + value * v[k], 0) / Math.hypot(...u) / Math.hypot(...v);
    assert.ok(Math.abs(Math.abs(cosine) - 1) < 1e-14, variant);
  }
});

test('widths: one neuron is one, deep targets have two or three layers', () => {
  for (const { truth } of problemsOf('one neuron', 12)) assert.equal(truth!.layers[0].outputs, 1);
  const depths = problemsOf('deep', 14).map(({ truth }) => truth!.layers.length - 1);
  assert.deepEqual([...new Set(depths)].sort(), [2, 3]);
});

test('what is no network of a known kind has no truth', () => {
  const kinds = ['two activations', 'heads', 'polynomials', 'Gaussians', 'rational'];
  for (const kind of [...kinds, 'steps', 'saw teeth', 'decision trees', 'labels', 'sines']) {
    for (const { truth } of problemsOf(kind, 4)) assert.equal(truth, null, kind);
  }
});

test('heads, labels, steps and trees answer in the range that they have', () => {
  for (const problem of problemsOf('heads', 20)) {
    const answers = answersOf(problem, cloud(problem.inputDimension, 50), 50);
    const o = answers.length / 50;
    if (problem.variant.endsWith('softmax')) {
      const sum = answers.subarray(0, o).reduce((total, value) => total + value, 0);
      assert.ok(Math.abs(sum - 1) < 1e-14);
    }
    const [least, most] = /clip$/.test(problem.variant)
      ? [-0.6, 0.7]
      : /exp$/.test(problem.variant)
        ? [0, 1e9]
        : [-1, 1];
    assert.ok(
      answers.every((value) => value >= least && value <= most),
      problem.variant,
    );
  }
  for (const problem of problemsOf('labels', 10)) {
    const answers = answersOf(problem, cloud(problem.inputDimension, 50), 50);
    assert.ok(answers.every((value) => [0, 1, 2, 3].includes(value)));
  }
  for (const problem of [...problemsOf('steps', 5), ...problemsOf('decision trees', 5)]) {
    const count = 400;
    const answers = answersOf(problem, cloud(problem.inputDimension, count), count);
    const o = answers.length / count;
    assert.ok(new Set(answers.filter((_, i) => i % o === 0)).size <= 24, problem.variant);
  }
});

test('answers are rounded, or noisy, as far as they say', () => {
  for (const kind of ['quantisation', 'float32', 'noise']) {
    for (const problem of problemsOf(kind, 12)) {
      const count = 400;
      const inputs = cloud(problem.inputDimension, count);
      const [answers, exact] = [answersOf(problem, inputs, count), problem.exact(inputs, count)];
      const errors = answers.map((value, i) => Math.abs(value - exact[i]));
      const { relative, absolute, name, internal } = problem.precision;
      if (name === 'noise') {
        const deviation = Math.hypot(...errors) / Math.sqrt(errors.length);
        assert.ok(Math.abs(deviation / absolute - 1) < 0.25, `${deviation} for ${absolute}`);
        const again = answersOf(problem, inputs, count);
        const target = problem.answers();
        target(inputs, count);
        const later = target(inputs, count) as Float64Array;
        assert.deepEqual(again, answers, 'a run is repeatable');
        assert.equal(problem.variant.endsWith('the same for a query'), later[0] === answers[0]);
        continue;
      }
      if (name === 'float32') assert.deepEqual(answers, answers.map(Math.fround));
      const most = Math.max(...errors.map((error, i) => error / (relative * Math.abs(exact[i]) + absolute)));
      if (internal === 0) assert.ok(most > 0.5 && most < 1 + 1e-3, `${problem.variant}: ${most}`);
      else assert.ok(most > 0.5);
    }
  }
});

test('scales and offsets show in the answers, bounds cut the neurons, pairs lie where they say', () => {
  for (const problem of problemsOf('offsets', 6)) {
    const [answer] = answersOf(problem, cloud(problem.inputDimension, 1), 1);
    assert.ok(Math.abs(answer) > 900 && Math.abs(answer) < 1.1e9);
  }
  for (const { truth, options } of problemsOf('bounds', 12)) {
    assert.equal(options.bounds!.length, truth!.layers[0].inputs);
    for (const [lower, upper] of options.bounds!) assert.ok(lower < upper);
  }
  for (const problem of problemsOf('pairs', 12)) {
    const { dataset, fresh } = problem.pairs!;
    assert.equal(dataset.inputs.length, dataset.count * problem.inputDimension);
    assert.ok(dataset.count >= 20 && dataset.count <= 3000);
    const exact = problem.exact(dataset.inputs, dataset.count);
    assert.deepEqual(dataset.outputs, problem.precision.name === 'float32' ? exact.map(Math.fround) : exact);
    assert.notDeepEqual(fresh(5), dataset.inputs.subarray(0, 5 * problem.inputDimension));
  }
});
