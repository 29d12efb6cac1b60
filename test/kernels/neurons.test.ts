import assert from 'node:assert/strict';
import { test } from 'node:test';
import { referenceKernels } from '../../src/kernels/reference.js';
import { activationNames } from '../../src/network/activations.js';
import { shallowFeatures } from '../../src/network/shallow.js';
import { orthonormalise, projectOut } from '../../src/numeric/orthogonal.js';
import { featuresByKernels } from '../../src/optimise/output-weights.js';
import { builds, implementations, range, relativeDifference, shapeOf, spread } from './implementations.js';

/** Neurons with samples, every count with a number of inputs, neurons, basis vectors and residuals in turn. */
const cases = [...range(1, 20), ...range(124, 134), 257, 300].map((count, turn) => {
  const shape = shapeOf({
    inputs: 1 + (turn % 9),
    hidden: 1 + ((turn * 5) % 23),
    activation: activationNames[turn % activationNames.length],
    slope: 0.2,
  });
  const { inputs: d, hidden: m } = shape;
  const basis = orthonormalise(spread(count * (turn % 7), 4), count, turn % 7);
  const residuals = range(1, 1 + (turn % 4)).map((seed) => {
    const residual = spread(count, 10 + seed);
    projectOut(basis, residual);
    return residual;
  });
  const inputs = spread(count * d, 2).map((value) => 3 * value);
  return { shape, count, inputs, incoming: spread(m * (d + 1), 1), basis, residuals };
});

for (const kernels of builds) {
  test(`${kernels.name} evaluates neurons as the reference does, for every ragged count`, () => {
    for (const { shape, count, inputs, incoming } of cases) {
      const expected = referenceKernels.neuronOutputs(shape, incoming, inputs, count);
      const actual = kernels.neuronOutputs(shape, incoming, inputs, count);
      const difference = relativeDifference(expected, actual);
      assert.ok(difference < 1e-14, `${shape.activation}, ${count}: ${difference}`);
    }
  });

  test(`${kernels.name} scores neurons as the reference does, for every ragged count and number of vectors`, () => {
    for (const { shape, count, inputs, incoming, basis, residuals } of cases) {
      const score = (by: typeof referenceKernels) =>
        by.explainedByNeurons(shape, incoming, inputs, count, basis, residuals);
      // a basis of as many vectors as samples leaves nothing but rounding
      if (basis.length >= count) continue;
      const difference = relativeDifference(score(referenceKernels), score(kernels));
      assert.ok(difference < 1e-10, `${shape.activation}, ${count}: ${difference}`);
    }
  });
}

test('a neuron that is in the basis explains nothing, and one that is the residual all of it', () => {
  const shape = shapeOf({ inputs: 3, hidden: 5, activation: 'gelu' });
  const count = 140;
  const inputs = spread(count * 3, 2).map((value) => 3 * value);
  const incoming = spread(20, 1);
  for (const kernels of implementations) {
    const outputs = kernels.neuronOutputs(shape, incoming, inputs, count);
    const column = (j: number) => outputs.filter((_, index) => index % 5 === j);
    const basis = orthonormalise(column(1), count, 1);
    const residual = column(3);
    projectOut(basis, residual);
    const size = residual.reduce((sum, value) => sum + value * value, 0);
    const explained = kernels.explainedByNeurons(shape, incoming, inputs, count, basis, [residual]);
    assert.ok(explained[1] < 1e-10 * size);
    assert.ok(Math.abs(explained[3] / size - 1) < 1e-12);
    assert.ok(explained.every((value) => value <= size * (1 + 1e-12)));
  }
});

test('features by the kernels are those of the network', () => {
  for (const kernels of implementations) {
    for (const skip of [false, true]) {
      const shape = shapeOf({ inputs: 3, hidden: 5, activation: 'softplus', skip });
      const inputs = spread(3 * 37, 2);
      const incoming = spread(20, 1);
      const expected = shallowFeatures(shape, incoming, inputs, 37);
      const actual = featuresByKernels(kernels, shape, incoming, inputs, 37);
      assert.ok(relativeDifference(expected, actual) < 1e-14);
    }
  }
});
