import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ShallowShape } from '../../src/kernels/kernels.js';
import { activationNames } from '../../src/network/activations.js';
import { readGolden } from '../golden.js';
import { caseOf, implementations, relativeDifference, shapeOf, spread } from './implementations.js';

interface Golden {
  shallow: { shape: ShallowShape; count: number; loss: number; gradient: number[] }[];
}

const golden = readGolden<Golden>('kernels.json');

for (const kernels of implementations) {
  describe(`a shallow problem in ${kernels.name}`, () => {
    test("has the loss and gradient of PyTorch's automatic differentiation, to 1e-13", () => {
      for (const { shape, count, loss, gradient } of golden.shallow) {
        const { samples, parameters } = caseOf(shape, count);
        const problem = kernels.shallow(shape, samples);
        const actual = new Float64Array(problem.parameterCount);
        const what = `${shape.activation}, d = ${shape.inputs}`;
        assert.ok(Math.abs(problem.loss(parameters) / loss - 1) < 1e-13, `loss of ${what}`);
        assert.ok(
          Math.abs(problem.lossAndGradient(parameters, actual) / loss - 1) < 1e-13,
          `loss of ${what}`,
        );
        const difference = relativeDifference(Float64Array.from(gradient), actual);
        assert.ok(difference < 1e-13, `gradient of ${what} differs by ${difference}`);
        problem.dispose();
      }
    });

    test('has a gradient that agrees with finite differences, to 1e-6', () => {
      for (const activation of activationNames) {
        const { shape, samples, parameters } = caseOf(shapeOf({ activation, outputs: 2, skip: true }), 9);
        const problem = kernels.shallow(shape, samples);
        const gradient = new Float64Array(problem.parameterCount);
        problem.lossAndGradient(parameters, gradient);
        const slopes = gradient.map((_, index) => {
          const at = (step: number) => problem.loss(parameters.map((v, i) => (i === index ? v + step : v)));
          return (at(1e-5) - at(-1e-5)) / 2e-5;
        });
        assert.ok(relativeDifference(slopes, gradient) < 1e-6, activation);
        problem.dispose();
      }
    });

    test('has Jᵀr that is the gradient times half the number of residuals', () => {
      const { shape, samples, parameters } = caseOf(shapeOf({ inputs: 9, hidden: 7, outputs: 3 }), 140);
      const problem = kernels.shallow(shape, samples);
      const gradient = new Float64Array(problem.parameterCount);
      problem.lossAndGradient(parameters, gradient);
      problem.linearise(parameters);
      const scaled = gradient.map((value) => (value * problem.residualCount) / 2);
      assert.ok(relativeDifference(scaled, problem.normalVector) < 1e-13);
      problem.dispose();
    });

    test('solves the damped normal equations for one damping after another', () => {
      const { shape, samples, parameters } = caseOf(shapeOf({ hidden: 11, outputs: 2 }), 131);
      const problem = kernels.shallow(shape, samples);
      const p = problem.parameterCount;
      problem.linearise(parameters);
      const normal = problem.normalMatrix();
      const step = new Float64Array(p);
      for (const strength of [1e-3, 10, 0.1, 1e4, 1e-3]) {
        const damping = spread(p, 8).map((value) => strength * (2 + value));
        assert.equal(problem.solve(damping, step), true);
        const left = damping.map((value, row) => {
          let sum = value * step[row];
          for (let column = 0; column < p; column++) sum += normal[row * p + column] * step[column];
          return -sum;
        });
        assert.ok(relativeDifference(problem.normalVector, left) < 1e-10, `damping ${strength}`);
      }
      assert.deepEqual(problem.normalMatrix(), normal);
      assert.equal(problem.solve(new Float64Array(p).fill(-1e6), step), false);
      assert.equal(problem.solve(new Float64Array(p).fill(Number.NaN), step), false);
      assert.equal(problem.solve(new Float64Array(p).fill(1), step), true);
      problem.dispose();
    });

    test('answers NaN with NaN', () => {
      for (const activation of activationNames) {
        const { shape, samples, parameters } = caseOf(shapeOf({ activation }), 5);
        const problem = kernels.shallow(shape, samples);
        const gradient = new Float64Array(problem.parameterCount);
        for (const index of [0, parameters.length - 1]) {
          const broken = parameters.with(index, Number.NaN);
          assert.ok(Number.isNaN(problem.loss(broken)), `loss with ${activation}`);
          assert.ok(Number.isNaN(problem.lossAndGradient(broken, gradient)), `gradient with ${activation}`);
          assert.ok(Number.isNaN(problem.linearise(broken)), `linearise with ${activation}`);
        }
        assert.ok(Number.isFinite(problem.loss(parameters)), activation);
        problem.dispose();
      }
    });

    test('has a loss that does not change when neurons are permuted', () => {
      const shape = shapeOf({ activation: 'gelu', inputs: 3, hidden: 6, outputs: 2 });
      const { samples } = caseOf(shape, 37);
      const problem = kernels.shallow(shape, samples);
      const orders = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6, maxLength: 6 });
      fc.assert(
        fc.property(orders, fc.integer({ min: 1, max: 1000 }), (order, seed) => {
          const parameters = spread(problem.parameterCount, seed);
          const permuted = parameters.slice();
          order.forEach((from, to) => {
            permuted.set(parameters.subarray(4 * from, 4 * from + 4), 4 * to);
            for (const row of [24, 31]) permuted[row + to] = parameters[row + from];
          });
          const loss = problem.loss(parameters);
          assert.ok(Math.abs(problem.loss(permuted) - loss) <= 1e-13 * loss);
        }),
        { numRuns: 50 },
      );
      problem.dispose();
    });

    test('has a loss that does not change when a tanh neuron is mirrored', () => {
      const shape = shapeOf({ activation: 'tanh', inputs: 3, hidden: 6 });
      const { samples } = caseOf(shape, 37);
      const problem = kernels.shallow(shape, samples);
      fc.assert(
        fc.property(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 1000 }), (neuron, seed) => {
          const parameters = spread(problem.parameterCount, seed);
          const mirrored = parameters.slice();
          for (const index of [4 * neuron, 4 * neuron + 1, 4 * neuron + 2, 4 * neuron + 3, 24 + neuron]) {
            mirrored[index] *= -1;
          }
          const loss = problem.loss(parameters);
          assert.ok(Math.abs(problem.loss(mirrored) - loss) <= 1e-13 * loss);
        }),
        { numRuns: 50 },
      );
      problem.dispose();
    });
  });
}
