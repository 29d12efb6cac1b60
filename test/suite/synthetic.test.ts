import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activationNames } from '../../src/network/activations.js';
import { type Family, suiteCells, syntheticProblems, syntheticTarget } from '../../src/suite/synthetic.js';

const weightsOf = (...[family, activation, inputs, hidden, seed]: (typeof frozen)[number]['problem']) => {
  const [first, last] = syntheticTarget({ family, activation, inputs, hidden, seed }).layers;
  return { weights: first.weights, biases: first.biases, outgoing: last.weights, bias: last.biases[0] };
};

/** Targets of the suite as they were when it was frozen: these numbers never change. */
const frozen = [
  {
    problem: ['generic', 'g', 2, 2, 0] as const,
    weights: [2.3535305125738057, -0.7098742509668176, 2.0968763669890595, 0.7283631104411673],
    biases: [1.6014438245874671, -1.166591560067229],
    outgoing: [-0.7191887931520636, 0.7246726936946798],
    bias: 0.44889935441819606,
  },
  {
    problem: ['generic', 'tanh', 4, 4, 7] as const,
    weights: [
      ...[-0.3011298948699667, -1.3558696153776002, 0.3245463631259064, -1.6611447815120166],
      ...[0.8814016779573355, 0.03234919110660161, -1.355871497485249, 0.8602105257796948],
      ...[-0.8162120913536135, 1.5350866403122776, -0.706034592422476, -1.5194623612253981],
      ...[-0.5579536487025356, 0.5610494142688374, -0.4604822368367232, 2.306144905943653],
    ],
    biases: [-1.4682429539187811, -1.4293939526012005, 1.924127890269915, -1.191284860476643],
    outgoing: [1.0551502595000608, 0.6651991992736551, 1.2967709123499578, -0.881860893523014],
    bias: 0.34180184286692195,
  },
  {
    problem: ['parallel', 'g', 2, 4, 3] as const,
    weights: [
      ...[2.9363263549446694, -2.7162451173002315, 2.9363263549446694, -2.7162451173002315],
      ...[2.9363263549446694, -2.7162451173002315, -2.9363263549446694, 2.7162451173002315],
    ],
    biases: [4.8, 1.6, -1.5999999999999996, 4.8],
    outgoing: [0.6918488508922098, -1.316848826240654, 0.541168463007475, 0.861515861979637],
    bias: -0.4020682978611544,
  },
] satisfies { problem: readonly [Family, string, number, number, number]; [part: string]: unknown }[];

function assertClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= 1e-14 * Math.abs(expected[i]),
      `${actual[i]}, ${expected[i]}`,
    );
  }
}

for (const { problem, weights, biases, outgoing, bias } of frozen) {
  test(`the target ${problem.join(' ')} is the frozen one`, () => {
    const actual = weightsOf(...problem);
    assertClose(actual.weights, weights);
    assertClose(actual.biases, biases);
    assertClose(actual.outgoing, outgoing);
    assertClose([actual.bias], [bias]);
  });
}

test('the suite has 150 problems: d × r × 10 seeds, which --seed shifts', () => {
  const problems = syntheticProblems('g', 'generic', 1000);
  assert.equal(problems.length, 150);
  const cells = new Map<string, number[]>();
  for (const { inputs, hidden, seed } of problems) {
    const cell = `${inputs} ${hidden}`;
    cells.set(cell, [...(cells.get(cell) ?? []), seed]);
  }
  assert.deepEqual(
    [...cells.keys()],
    [2, 4, 8, 16, 32].flatMap((d) => [2, 4, 8].map((r) => `${d} ${r}`)),
  );
  for (const seeds of cells.values()) {
    assert.deepEqual(
      seeds,
      Array.from({ length: 10 }, (_, i) => 1000 + i),
    );
  }
  const some = syntheticProblems('g', 'generic', 0, { inputs: [4], hidden: [2, 8], perCell: 3 });
  assert.deepEqual(
    some.map(({ hidden, seed }) => [hidden, seed]),
    [2, 8].flatMap((r) => [0, 1, 2].map((seed) => [r, seed])),
  );
});

test('a target does not depend on the activation, but for the slope of leaky ReLU', () => {
  const problem = { family: 'generic', inputs: 4, hidden: 4, seed: 5 } as const;
  const expected = syntheticTarget({ ...problem, activation: 'g' });
  for (const activation of activationNames) {
    const { layers, slope } = syntheticTarget({ ...problem, activation });
    assert.deepEqual(layers, expected.layers);
    assert.equal(slope, activation === 'leaky_relu' ? 0.1 : 0);
  }
});

/** All hidden neurons and output weights of the whole suite, several times over. */
function population(family: Family) {
  const targets = [0, 100, 200, 300]
    .flatMap((seed) => syntheticProblems('g', family, seed))
    .map((problem) => syntheticTarget(problem));
  const neurons = targets.flatMap(({ layers: [{ inputs: d, weights, biases }] }) =>
    Array.from(biases, (bias, i) => {
      const vector = [...weights.subarray(i * d, (i + 1) * d)];
      const norm = Math.hypot(...vector);
      return { direction: vector.map((value) => value / norm), norm, offset: bias / norm };
    }),
  );
  const outgoing = targets.flatMap(({ layers }) => [...layers[1].weights]);
  const biases = targets.flatMap(({ layers }) => [...layers[1].biases]);
  return { targets, neurons, outgoing, biases };
}

/** Uniform in [low, high]: nothing outside, and mean and variance as they should be, to 5 standard errors. */
function assertUniform(values: readonly number[], low: number, high: number): void {
  assert.ok(Math.min(...values) >= low && Math.max(...values) <= high);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const expected = (high - low) ** 2 / 12;
  assert.ok(Math.abs(mean - (low + high) / 2) < 5 * Math.sqrt(expected / values.length), `mean ${mean}`);
  assert.ok(Math.abs(variance / expected - 1) < 5 / Math.sqrt(values.length), `variance ${variance}`);
}

const shareOf = (values: readonly number[], of: (value: number) => boolean) =>
  values.filter(of).length / values.length;

test('generic family: directions, norms, biases and output weights are as they are said to be', () => {
  const { neurons, outgoing, biases } = population('generic');
  assertUniform(
    neurons.map(({ norm }) => norm),
    1.5,
    2.5,
  );
  assertUniform(
    neurons.map(({ offset }) => offset),
    -0.8,
    0.8,
  );
  // a uniform direction has components of mean 0 and variance 1/d, each
  for (const d of suiteCells.inputs) {
    const own = neurons.filter(({ direction }) => direction.length === d);
    const limit = 5 / Math.sqrt(own.length);
    for (const k of [0, d - 1]) {
      const sum = (of: (value: number) => number) =>
        own.reduce((total, { direction }) => total + of(direction[k] * Math.sqrt(d)), 0) / own.length;
      assert.ok(Math.abs(sum((value) => value)) < limit);
      assert.ok(Math.abs(sum((value) => value ** 2) - 1) < 2 * limit);
    }
  }
  assertUniform(outgoing.map(Math.abs), 0.5, 1.5);
  assertUniform(biases, -0.5, 0.5);
  assert.ok(Math.abs(shareOf(outgoing, (value) => value > 0) - 0.5) < 2.5 / Math.sqrt(outgoing.length));
});

test('parallel family: one direction, norm 4, hyperplanes evenly spaced in [-1.2, 1.2]', () => {
  const { targets, neurons } = population('parallel');
  const signs: number[] = [];
  for (const { layers } of targets) {
    const [{ inputs: d, outputs: r, weights, biases }] = layers;
    const cuts: number[] = [];
    for (let i = 0; i < r; i++) {
      let along = 0;
      let own = 0;
      let shared = 0;
      for (let k = 0; k < d; k++) {
        along += weights[i * d + k] * weights[k];
        own += weights[i * d + k] ** 2;
        shared += weights[k] ** 2;
      }
      assertClose([own, Math.abs(along)], [16, Math.sqrt(own * shared)]);
      const sign = Math.sign(along);
      if (i > 0) signs.push(sign);
      cuts.push((-sign * biases[i]) / 4);
    }
    const gap = (cuts[r - 1] - cuts[0]) / (r - 1);
    assert.ok(Math.abs(Math.abs(gap) - 2.4 / (r - 1)) < 1e-12);
    for (const [i, cut] of cuts.entries()) assert.ok(Math.abs(cut - (cuts[0] + i * gap)) < 1e-12);
    assert.ok(Math.abs(Math.abs(cuts[0]) - 1.2) < 1e-12);
  }
  assert.ok(Math.abs(shareOf(signs, (sign) => sign > 0) - 0.5) < 2.5 / Math.sqrt(signs.length));
  assert.ok(neurons.every(({ norm }) => Math.abs(norm - 4) < 1e-12));
});
