import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import type { Kernels } from '../../src/kernels/kernels.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { ActivationName } from '../../src/network/activations.js';
import { type ShallowShape, shallowParameterCount } from '../../src/network/shallow.js';
import { factorCholesky, inverseDiagonal } from '../../src/numeric/cholesky.js';
import { groupsOfWeights } from '../../src/optimise/hold-scales.js';
import { type InverseByProducts, invertByProducts } from '../../src/optimise/inverse-by-products.js';
import { shapeOf } from '../kernels/implementations.js';

const kernels = loadKernels();

/** A random network, and samples of it that the residuals do not matter for. */
function drawn(shape: ShallowShape, count: number) {
  const random = randomStream('inverse by products', shape.activation, shape.hidden);
  const draw = (length: number) => Float64Array.from({ length }, () => random.normal());
  return {
    parameters: draw(shallowParameterCount(shape)),
    samples: { inputs: draw(count * shape.inputs), outputs: draw(count * shape.outputs), count },
  };
}

function byProducts(
  own: Kernels,
  shape: ShallowShape,
  { parameters, samples }: ReturnType<typeof drawn>,
): InverseByProducts {
  const problem = own.matrixFree(shape, samples);
  problem.linearise(parameters);
  const found = invertByProducts(problem, groupsOfWeights(shape));
  problem.dispose();
  return found;
}

/** The diagonal of (JᵀJ)⁻¹ by its factor. */
function byFactor(shape: ShallowShape, { parameters, samples }: ReturnType<typeof drawn>): Float64Array {
  const problem = kernels.shallow(shape, samples);
  problem.linearise(parameters);
  const p = problem.parameterCount;
  const matrix = problem.normalMatrix();
  problem.dispose();
  return inverseDiagonal(factorCholesky(matrix, p)!, p);
}

test('variances are those of the inverse, rather too large than too small', () => {
  for (const activation of ['tanh', 'softplus', 'gelu'] as ActivationName[]) {
    for (const skip of [false, true]) {
      const shape = shapeOf({ inputs: 12, hidden: 10, outputs: 3, activation, skip });
      const problem = drawn(shape, 400);
      const exact = byFactor(shape, problem);
      const { kind, diagonal } = byProducts(kernels, shape, problem);
      assert.equal(kind, 'determined');
      const ratios = exact.map((value, i) => diagonal[i] / value).sort();
      const at = (share: number) => ratios[Math.floor(share * (ratios.length - 1))];
      const what = `${activation}: ${at(0)}, ${at(0.5)}, ${at(1)}`;
      assert.ok(at(0) > 0.1 && at(0.5) > 0.9 && at(0.5) < 2 && at(1) < 25, what);
    }
  }
});

test('two neurons alike leave a direction in which nothing changes, which is theirs', () => {
  const shape = shapeOf({ inputs: 12, hidden: 10, outputs: 3 });
  const problem = drawn(shape, 400);
  const size = shape.inputs + 1;
  problem.parameters.copyWithin(7 * size, 2 * size, 3 * size);
  const { kind, weakest, diagonal } = byProducts(kernels, shape, problem);
  assert.equal(kind, 'free');
  assert.ok(diagonal.every((value) => value === Number.POSITIVE_INFINITY));
  const shareOf = (places: readonly number[]) => places.reduce((sum, i) => sum + weakest[i] ** 2, 0);
  const groups = groupsOfWeights(shape);
  const theirs = [2, 7].reduce((sum, j) => sum + shareOf(groups[2 * j]) + shareOf(groups[2 * j + 1]), 0);
  assert.ok(theirs > 0.999 * shareOf([...weakest.keys()]), String(theirs));
});

test('a neuron that gives nothing on, and one that gives a constant, leave free directions', () => {
  const shape = shapeOf({ inputs: 12, hidden: 10, outputs: 3 });
  const first = shape.hidden * (shape.inputs + 1);
  const silent = drawn(shape, 400);
  for (let i = 0; i < shape.outputs; i++) silent.parameters[first + i * (shape.hidden + 1) + 4] = 0;
  assert.equal(byProducts(kernels, shape, silent).kind, 'free');
  const constant = drawn(shape, 400);
  constant.parameters.fill(0, 3 * (shape.inputs + 1), 4 * (shape.inputs + 1) - 1);
  assert.equal(byProducts(kernels, shape, constant).kind, 'free');
});

test('inputs that depend on each other are never taken for determined', () => {
  const shape = shapeOf({ inputs: 12, hidden: 10, outputs: 3 });
  const problem = drawn(shape, 400);
  const { inputs } = problem.samples;
  for (let n = 0; n < 400; n++) inputs[n * 12 + 11] = 0.3 * inputs[n * 12] - 0.7 * inputs[n * 12 + 1];
  assert.notEqual(byProducts(kernels, shape, problem).kind, 'determined');
});

test('fewer answers than weights determine nothing', () => {
  const shape = shapeOf({ inputs: 12, hidden: 10, outputs: 3 });
  assert.equal(byProducts(kernels, shape, drawn(shape, 50)).kind, 'free');
});
