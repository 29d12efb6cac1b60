import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { identifiabilityByProducts, identifiabilityInPlace } from '../../src/certify/by-products.js';
import { identifiabilityOf } from '../../src/certify/identifiability.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type ActivationName, activations } from '../../src/network/activations.js';
import { type ShallowShape, shallowParameterCount } from '../../src/network/shallow.js';
import { weightsOfNeurons } from '../../src/optimise/hold-scales.js';
import { shapeOf } from '../kernels/implementations.js';

const kernels = loadKernels();
const floor = 1e-14;

/** A random network and inputs, some of which hardly vary, so that the weights are known unequally well. */
function drawn(shape: ShallowShape, count: number) {
  const { inputs: d, outputs: o, activation } = shape;
  const random = randomStream('by products', activation);
  const draw = (length: number) => Float64Array.from({ length }, () => random.normal());
  const parameters = draw(shallowParameterCount(shape));
  const inputs = draw(count * d).map((value, i) => value * 10 ** (-(i % d) / d));
  return {
    parameters,
    dataset: { inputs, outputs: draw(count * o), count, inputDimension: d, outputDimension: o },
  };
}

/** What both ways say of a network. */
function bothWays(shape: ShallowShape, { parameters, dataset }: ReturnType<typeof drawn>) {
  const neurons = weightsOfNeurons(shape);
  const problem = kernels.shallow(shape, dataset);
  const { homogeneous } = activations[shape.activation];
  const exact = identifiabilityOf(problem, parameters, neurons, homogeneous, floor);
  problem.dispose();
  const estimated = identifiabilityByProducts(shape, parameters, neurons, dataset, floor, kernels);
  return { exact, estimated };
}

test('the way without JᵀJ certifies what the way with it does', () => {
  for (const activation of ['tanh', 'g', 'gelu', 'relu'] as ActivationName[]) {
    const shape = shapeOf({ inputs: 14, hidden: 12, outputs: 4, activation });
    const { exact, estimated } = bothWays(shape, drawn(shape, 500));
    assert.equal(exact.fullRank, true, activation);
    assert.equal(estimated.fullRank, true, activation);
    assert.equal(estimated.parameters, exact.parameters);
    assert.equal(estimated.freeDirections, exact.freeDirections);
    const { mostCondition } = estimated.byProducts!;
    const conditions = `${activation}: ${estimated.condition}, ${exact.condition}, ${mostCondition}`;
    assert.ok(mostCondition > exact.condition, conditions);
    assert.ok(
      estimated.condition < 1.1 * exact.condition && estimated.condition > exact.condition / 10,
      conditions,
    );
    const ratios = exact.standardErrors.map((error, i) => estimated.standardErrors[i] / error).sort();
    const shown = `${activation}: ${ratios[0]}, ${ratios[ratios.length >> 1]}, ${ratios[ratios.length - 1]}`;
    assert.ok(ratios[0] > 0.3 && ratios[ratios.length - 1] < 5, shown);
    const largest = estimated.largestRelativeError / exact.largestRelativeError;
    assert.ok(largest > 0.7 && largest < 2, `${activation}: ${largest}`);
  }
});

test('the way without JᵀJ does not certify what the way with it does not, and names the neurons', () => {
  for (const activation of ['tanh', 'relu'] as ActivationName[]) {
    const shape = shapeOf({ inputs: 14, hidden: 12, outputs: 4, activation });
    const problem = drawn(shape, 500);
    const size = shape.inputs + 1;
    problem.parameters.copyWithin(9 * size, 4 * size, 5 * size);
    const { exact, estimated } = bothWays(shape, problem);
    assert.equal(exact.fullRank, false);
    assert.equal(estimated.fullRank, false);
    assert.ok(estimated.standardErrors.every(Number.isNaN));
    assert.match(estimated.byProducts?.open ?? '', /one of neurons 4 and 9/);
  }
});

test('beside a slope that was fitted too nothing is certified', () => {
  const shape = shapeOf({ inputs: 14, hidden: 12, outputs: 4, activation: 'leaky_relu' });
  const { estimated } = bothWays(shape, drawn(shape, 500));
  assert.equal(estimated.fullRank, false);
  assert.match(estimated.byProducts?.open ?? '', /slope/);
});

test('a factor in the place of JᵀJ certifies what a copy of it does, and nothing where weights are free', () => {
  const shape = shapeOf({ inputs: 14, hidden: 12, outputs: 4, activation: 'gelu' });
  const problem = drawn(shape, 500);
  const { exact } = bothWays(shape, problem);
  const neurons = weightsOfNeurons(shape);
  const inPlace = () =>
    identifiabilityInPlace(shape, problem.parameters, neurons, problem.dataset, floor, kernels);
  const found = inPlace()!;
  assert.equal(found.fullRank, true);
  assert.ok(Math.abs(found.condition / exact.condition - 1) < 0.1, `${found.condition}, ${exact.condition}`);
  found.standardErrors.forEach((error, i) => {
    assert.ok(Math.abs(error / exact.standardErrors[i] - 1) < 1e-6, `${error}, ${exact.standardErrors[i]}`);
  });
  assert.ok(Math.abs(found.largestRelativeError / exact.largestRelativeError - 1) < 1e-6);
  const size = shape.inputs + 1;
  problem.parameters.copyWithin(9 * size, 4 * size, 5 * size);
  assert.equal(inPlace(), undefined);
});
