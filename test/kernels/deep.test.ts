import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { referenceKernels } from '../../src/kernels/reference.js';
import { activationNames } from '../../src/network/activations.js';
import { type DeepShape, deepBlocks, deepParameterCount } from '../../src/network/deep.js';
import { readGolden } from '../golden.js';
import {
  assertSame,
  builds,
  evaluate,
  implementations,
  range,
  relativeDifference,
  shapeOf,
  spread,
} from './implementations.js';

interface Golden {
  deep: { shape: DeepShape; count: number; loss: number; gradient: number[] }[];
}

const golden = readGolden<Golden>('deep-kernels.json');

function deepShape(part: Partial<DeepShape>): DeepShape {
  return { inputs: 3, widths: [4, 3], outputs: 1, activation: 'tanh', slope: 0.01, skip: false, ...part };
}

function deepCase(shape: DeepShape, count: number) {
  return {
    shape,
    samples: {
      inputs: spread(count * shape.inputs, 2).map((value) => 3 * value),
      outputs: spread(count * shape.outputs, 3),
      count,
    },
    parameters: spread(deepParameterCount(shape), 1),
  };
}

const describeShape = ({ activation, inputs, widths, outputs, skip, residual }: DeepShape) =>
  `${activation}, ${[inputs, ...widths, outputs].join('-')}${residual ? ' residual' : skip ? ' skip' : ''}`;

for (const kernels of implementations) {
  describe(`a deep problem in ${kernels.name}`, () => {
    test("has the loss and gradient of PyTorch's automatic differentiation, to 1e-13", () => {
      for (const { shape, count, loss, gradient } of golden.deep) {
        const { samples, parameters } = deepCase(shape, count);
        const problem = kernels.deep(shape, samples);
        const actual = new Float64Array(problem.parameterCount);
        const found = problem.lossAndGradient(parameters, actual);
        assert.ok(Math.abs(found / loss - 1) < 1e-13, `loss of ${describeShape(shape)}`);
        const difference = relativeDifference(Float64Array.from(gradient), actual);
        assert.ok(difference < 1e-12, `gradient of ${describeShape(shape)} differs by ${difference}`);
        problem.dispose();
      }
    });

    test("has the residuals' second derivative along a direction, by hand", () => {
      const shape = deepShape({ inputs: 1, widths: [1] });
      const [w, b, a, c] = [0.7, -0.2, 1.3, 0.4];
      const direction = Float64Array.of(0.01, -0.02, 0.03, 0.05);
      const samples = { inputs: Float64Array.of(-1.5, 0.3, 2), outputs: new Float64Array(3), count: 3 };
      const expected = new Float64Array(4);
      for (const x of samples.inputs) {
        const y = Math.tanh(w * x + b);
        const [slope, bend] = [1 - y * y, -2 * y * (1 - y * y)];
        const moved = direction[0] * x + direction[1];
        const second = 2 * direction[2] * slope * moved + a * bend * moved * moved;
        [a * slope * x, a * slope, y, 1].forEach((derivative, i) => {
          expected[i] += derivative * second;
        });
      }
      const problem = kernels.deep(shape, samples);
      const actual = new Float64Array(4);
      problem.curvature?.(Float64Array.of(w, b, a, c), direction, actual);
      assert.ok(relativeDifference(expected, actual) < 1e-5, `${actual} is not ${expected}`);
      problem.dispose();
    });

    test('with one hidden layer is the shallow problem', () => {
      for (const skip of [false, true]) {
        const { shape, samples, parameters } = deepCase(
          deepShape({ widths: [5], outputs: 2, activation: 'softplus', skip }),
          131,
        );
        const shallow = kernels.shallow({ ...shape, hidden: 5 }, samples);
        const deep = kernels.deep(shape, samples);
        assertSame(evaluate(shallow, parameters), evaluate(deep, parameters), describeShape(shape));
        shallow.dispose();
        deep.dispose();
      }
    });

    test('has Jᵀr that is the gradient times half the number of residuals', () => {
      const { shape, samples, parameters } = deepCase(
        deepShape({ widths: [6, 5, 4], outputs: 3, skip: true }),
        140,
      );
      const problem = kernels.deep(shape, samples);
      const gradient = new Float64Array(problem.parameterCount);
      problem.lossAndGradient(parameters, gradient);
      problem.linearise(parameters);
      const scaled = gradient.map((value) => (value * problem.residualCount) / 2);
      assert.ok(relativeDifference(scaled, problem.normalVector) < 1e-12);
      problem.dispose();
    });

    test('has the paths of residual layers alone where the inputs pass no layer', () => {
      // the same network with paths from everything, those from the inputs without weight
      const shape = deepShape({ widths: [3, 2, 2], outputs: 2, skip: true, residual: true });
      const { samples, parameters } = deepCase(shape, 29);
      const dense = { ...shape, residual: false };
      const whole = new Float64Array(deepParameterCount(dense));
      const [own, wide] = [deepBlocks(shape), deepBlocks(dense)];
      const places = own.flatMap(({ at, rows, columns }, layer) =>
        Array.from({ length: rows * columns }, (_, i) => {
          const [row, k] = [Math.floor(i / columns), i % columns];
          const past = wide[layer].columns - columns;
          const column = k === columns - 1 ? k + past : k;
          const to = wide[layer].at + row * wide[layer].columns + column;
          whole[to] = parameters[at + i];
          return to;
        }),
      );
      const [residual, passed] = [kernels.deep(shape, samples), kernels.deep(dense, samples)];
      const [gradient, all] = [new Float64Array(parameters.length), new Float64Array(whole.length)];
      const loss = residual.lossAndGradient(parameters, gradient);
      assert.ok(Math.abs(passed.lossAndGradient(whole, all) / loss - 1) < 1e-13);
      assert.ok(
        relativeDifference(
          Float64Array.from(places, (to) => all[to]),
          gradient,
        ) < 1e-12,
      );
      residual.dispose();
      passed.dispose();
    });

    test('has the second derivatives of the reference, in any shape', () => {
      for (const part of [
        { widths: [6, 5, 4], outputs: 3 },
        { skip: true },
        { widths: [9, 2], outputs: 2 },
      ]) {
        const { shape, samples, parameters } = deepCase(deepShape({ activation: 'softplus', ...part }), 140);
        const direction = spread(parameters.length, 4);
        const [expected, actual] = [new Float64Array(parameters.length), new Float64Array(parameters.length)];
        const [reference, problem] = [referenceKernels.deep(shape, samples), kernels.deep(shape, samples)];
        reference.curvature?.(parameters, direction, expected);
        problem.curvature?.(parameters, direction, actual);
        assert.ok(relativeDifference(expected, actual) < 1e-10, describeShape(shape));
        reference.dispose();
        problem.dispose();
      }
    });

    test('solves for another vector than Jᵀr', () => {
      const { shape, samples, parameters } = deepCase(deepShape({}), 60);
      const problem = kernels.deep(shape, samples);
      problem.linearise(parameters);
      const damping = problem.normalDiagonal.map((value) => 1 + value);
      const [usual, twice] = [new Float64Array(parameters.length), new Float64Array(parameters.length)];
      problem.solve(damping, usual);
      const doubled = problem.normalVector.map((value) => 2 * value);
      problem.solve(damping, twice, doubled);
      assert.ok(
        relativeDifference(
          usual.map((value) => 2 * value),
          twice,
        ) < 1e-13,
      );
      problem.dispose();
    });

    test('answers NaN with NaN', () => {
      const { shape, samples, parameters } = deepCase(deepShape({ activation: 'relu', skip: true }), 5);
      const problem = kernels.deep(shape, samples);
      for (const index of [0, parameters.length - 1]) {
        assert.ok(Number.isNaN(problem.loss(parameters.with(index, Number.NaN))));
        assert.ok(Number.isNaN(problem.linearise(parameters.with(index, Number.NaN))));
      }
      assert.ok(Number.isFinite(problem.loss(parameters)));
      problem.dispose();
    });

    test('has a loss that does not change when the neurons of a layer are permuted', () => {
      const shape = deepShape({ activation: 'gelu', widths: [5, 4], outputs: 2 });
      const { samples } = deepCase(shape, 37);
      const problem = kernels.deep(shape, samples);
      const [first, second] = deepBlocks(shape);
      const orders = fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5, maxLength: 5 });
      fc.assert(
        fc.property(orders, fc.integer({ min: 1, max: 1000 }), (order, seed) => {
          const parameters = spread(problem.parameterCount, seed);
          const permuted = parameters.slice();
          order.forEach((from, to) => {
            for (let k = 0; k < first.columns; k++) {
              permuted[first.at + to * first.columns + k] = parameters[first.at + from * first.columns + k];
            }
            for (let j = 0; j < second.rows; j++) {
              const row = second.at + j * second.columns;
              permuted[row + to] = parameters[row + from];
            }
          });
          const loss = problem.loss(parameters);
          assert.ok(Math.abs(problem.loss(permuted) - loss) <= 1e-12 * loss);
        }),
        { numRuns: 30 },
      );
      problem.dispose();
    });
  });
}

describe('a deep problem agrees with the reference', () => {
  const shapes: { shape: DeepShape; count: number }[] = [];
  const activation = () => activationNames[shapes.length % activationNames.length];
  for (const count of [...range(1, 9), ...range(125, 133), 259]) {
    for (const paths of [{ skip: false }, { skip: true }, { skip: true, residual: true }]) {
      const turn = shapes.length;
      const widths = Array.from({ length: 1 + (turn % 4) }, (_, l) => 1 + ((turn * 5 + 3 * l) % 7));
      const shape = { inputs: 1 + (turn % 6), widths, outputs: 1 + ((turn * 3) % 4), ...paths };
      shapes.push({ shape: deepShape({ ...shape, activation: activation() }), count });
    }
  }
  for (const kernels of builds) {
    test(`in ${kernels.name}, for ragged counts, depths, widths and outputs`, () => {
      for (const { shape, count } of shapes) {
        const { samples, parameters } = deepCase(shape, count);
        const problem = kernels.deep(shape, samples);
        const reference = referenceKernels.deep(shape, samples);
        const what = `${describeShape(shape)}, n=${count}`;
        assertSame(evaluate(reference, parameters), evaluate(problem, parameters), what);
        problem.dispose();
      }
    });
  }
});

test('a shallow shape without a skip path has as many parameters as the deep one', () => {
  const { hidden, ...rest } = shapeOf({ hidden: 7 });
  assert.equal(deepParameterCount({ ...rest, widths: [hidden] }), 7 * 3 + 8);
});
