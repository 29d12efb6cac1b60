import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Samples, ShallowShape } from '../../src/kernels/kernels.js';
import { referenceKernels } from '../../src/kernels/reference.js';
import { activationNames, activations } from '../../src/network/activations.js';
import {
  builds,
  type Case,
  caseOf,
  implementations,
  range,
  relativeDifference,
  shapeOf,
} from './implementations.js';

/** A few roundings of float32, added up over the neurons and samples of the cases. */
const tolerance = 1e-5;

/** Samples and parameters rounded to float32, so that only the arithmetic differs. */
function rounded({ shape, samples, parameters }: Case): Case {
  const round = (values: Float64Array) => values.map(Math.fround);
  return {
    shape,
    samples: { ...samples, inputs: round(samples.inputs), outputs: round(samples.outputs) },
    parameters: round(parameters),
  };
}

/** Every count and every d, m, o and skip, the other dimensions taking turns. */
function raggedCases(): Case[] {
  const cases: Case[] = [];
  const add = (part: Partial<ShallowShape>, count: number) => {
    const turn = cases.length;
    const shape = shapeOf({
      inputs: 1 + (turn % 9),
      hidden: 1 + ((turn * 5) % 13),
      outputs: 1 + ((turn * 3) % 4),
      skip: turn % 2 === 0,
      activation: activationNames[turn % activationNames.length],
      slope: 0.2,
      ...part,
    });
    cases.push(rounded(caseOf(shape, count)));
  };
  for (const count of [...range(1, 40), ...range(250, 264), 511, 513, 16 * 256 + 3]) add({}, count);
  for (const hidden of range(1, 20)) for (const outputs of range(1, 4)) add({ hidden, outputs }, 37);
  for (const inputs of [...range(1, 20), 31, 65]) add({ inputs }, 130);
  return cases;
}

test('a problem in float32 agrees with the reference, for every ragged count, number of inputs, neurons and outputs', () => {
  for (const { shape, samples, parameters } of raggedCases()) {
    const expected = referenceKernels.shallowInFloat32(shape, samples);
    const slopes = new Float64Array(parameters.length);
    const loss = expected.lossAndGradient(parameters, slopes);
    for (const kernels of builds) {
      const problem = kernels.shallowInFloat32(shape, samples);
      const gradient = new Float64Array(problem.parameterCount);
      const { inputs, hidden, outputs, activation } = shape;
      const what = `${kernels.name}, ${activation}, n=${samples.count} d=${inputs} m=${hidden} o=${outputs}`;
      assert.equal(problem.residualCount, expected.residualCount);
      assert.ok(Math.abs(problem.loss(parameters) / loss - 1) < tolerance, `loss, ${what}`);
      assert.ok(Math.abs(problem.lossAndGradient(parameters, gradient) / loss - 1) < tolerance, what);
      const difference = relativeDifference(slopes, gradient);
      assert.ok(difference < tolerance, `${what}: gradient differs by ${difference}`);
      problem.dispose();
    }
  }
});

/** A network of one neuron that shows σ(x) as its residual and σ′(x) in its gradient. */
function oneNeuron(activation: ShallowShape['activation'], x: number): [ShallowShape, Samples, Float64Array] {
  const shape = shapeOf({ inputs: 1, hidden: 1, outputs: 1, activation, slope: 0.2 });
  return [
    shape,
    { inputs: Float64Array.of(x), outputs: Float64Array.of(0), count: 1 },
    Float64Array.of(1, 0, 1, 0),
  ];
}

test('activations in float32 have the right value and derivative over the whole range of numbers', () => {
  const magnitudes = [0, 1e-30, 1e-6, 0.01, 0.1, 0.3, 0.49, 0.51, 1, 2, 3.7, 5, 8, 12, 20, 60, 90, 200, 1e4];
  for (const activation of activationNames) {
    const { value, derivative } = activations[activation];
    for (const x of magnitudes.flatMap((size) => [Math.fround(size), Math.fround(-size)])) {
      const [shape, samples, parameters] = oneNeuron(activation, x);
      for (const kernels of builds) {
        const problem = kernels.shallowInFloat32(shape, samples);
        const gradient = new Float64Array(4);
        const loss = problem.lossAndGradient(parameters, gradient);
        const sigma = value(x, 0.2);
        const near = (actual: number, expected: number, least: number, what: string) =>
          assert.ok(
            Math.abs(actual - expected) <= 6e-6 * Math.abs(expected) + least,
            `${kernels.name}, ${activation}(${x}): ${what} is ${actual}, expected ${expected}`,
          );
        // what vanishes in float32 may be its smallest normal numbers; 1 − tanh² of the reference vanishes before
        near(Math.sqrt(loss), Math.abs(sigma), 2e-36, 'the value');
        if (Math.abs(sigma) > 1e-15) {
          near(gradient[1] / (2 * sigma), derivative(x, 0.2), 2e-16, 'the derivative');
        }
        problem.dispose();
      }
    }
  }
});

test('a problem in float32 answers NaN with NaN, and refuses what does not fit', () => {
  for (const kernels of implementations) {
    for (const activation of activationNames) {
      const { shape, samples, parameters } = caseOf(shapeOf({ activation }), 5);
      const problem = kernels.shallowInFloat32(shape, samples);
      const gradient = new Float64Array(problem.parameterCount);
      for (const index of [0, parameters.length - 1]) {
        const broken = parameters.with(index, Number.NaN);
        assert.ok(Number.isNaN(problem.loss(broken)), `loss with ${activation}`);
        assert.ok(Number.isNaN(problem.lossAndGradient(broken, gradient)), `gradient with ${activation}`);
      }
      problem.dispose();
    }
  }
  for (const kernels of builds) {
    const { shape, samples, parameters } = caseOf(shapeOf({}), 5);
    const problem = kernels.shallowInFloat32(shape, samples);
    assert.throws(() => problem.loss(parameters.slice(1)), RangeError);
    assert.throws(() => problem.lossAndGradient(parameters, parameters.slice(1)), RangeError);
    problem.dispose();
    problem.dispose();
    assert.throws(() => problem.loss(parameters), /disposed/);
  }
});

test('normal equations in float32 differ from those in float64 in JᵀJ alone, and by little, for every ragged size', () => {
  for (const kernels of builds) {
    for (const [turn, count] of [...range(1, 20), ...range(126, 131), 515, 1030].entries()) {
      const shape = shapeOf({
        inputs: 4 + (turn % 7),
        hidden: 6 + ((turn * 5) % 9),
        outputs: 1 + (turn % 3),
        skip: turn % 2 === 0,
        activation: activationNames[turn % activationNames.length],
        slope: 0.2,
      });
      const { samples, parameters } = caseOf(shape, count);
      const problem = kernels.shallow(shape, samples);
      const p = problem.parameterCount;
      const loss = problem.linearise(parameters);
      const vector = problem.normalVector.slice();
      const matrix = problem.normalMatrix();
      assert.equal(problem.linearise(parameters, 'float32'), loss);
      assert.deepEqual(problem.normalVector, vector);
      const rough = problem.normalMatrix();
      for (let i = 0; i < p; i++) {
        for (let j = 0; j <= i; j++) {
          const size = Math.sqrt(matrix[i * p + i] * matrix[j * p + j]);
          const difference = Math.abs(rough[i * p + j] - matrix[i * p + j]);
          assert.ok(
            difference <= 1e-5 * size + 1e-30,
            `${kernels.name}, ${shape.activation}, n=${count}: ${i},${j}`,
          );
        }
        assert.equal(problem.normalDiagonal[i], rough[i * p + i]);
      }
      problem.linearise(parameters);
      assert.deepEqual(problem.normalMatrix(), matrix);
      problem.dispose();
    }
  }
});
