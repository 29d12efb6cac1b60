import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identifiabilityOf } from '../../src/certify/identifiability.js';
import { loadKernels } from '../../src/kernels/load.js';
import { activations } from '../../src/network/activations.js';
import { type ShallowShape, shallowFeatures, splitParameters } from '../../src/network/shallow.js';
import { factorCholesky, inverseDiagonal } from '../../src/numeric/cholesky.js';
import { normalInputs } from '../run/networks.js';

const count = 400;

/** Identifiability of a network with one hidden layer whose answers are accurate to a variance of `floor`. */
function measureIdentifiability(
  shape: ShallowShape,
  parameters: Float64Array,
  dataset: ReturnType<typeof samplesOf>,
  floor: number,
) {
  const { inputs: d, hidden: m, outputs: o, activation } = shape;
  const neurons = Array.from({ length: m }, (_, j) => ({
    row: Array.from({ length: d + 1 }, (_, k) => j * (d + 1) + k),
    column: Array.from({ length: o }, (_, k) => m * (d + 1) + k * (m + 1) + j),
  }));
  const problem = loadKernels().shallow(shape, dataset);
  const found = identifiabilityOf(problem, parameters, neurons, activations[activation].homogeneous, floor);
  problem.dispose();
  return found;
}

/** Samples that a network of these parameters answers without error. */
function samplesOf(
  shape: ShallowShape,
  parameters: Float64Array,
  inputs = normalInputs(count, shape.inputs, 2),
) {
  const { incoming, outgoing } = splitParameters(shape, parameters);
  const features = shallowFeatures(shape, incoming, inputs, count);
  const columns = shape.hidden + 1;
  const outputs = Float64Array.from({ length: count }, (_, n) =>
    features.subarray(n * columns, (n + 1) * columns).reduce((sum, value, j) => sum + value * outgoing[j], 0),
  );
  return { inputs, outputs, count, inputDimension: shape.inputs, outputDimension: 1 };
}

test('relu: the standard errors are those of weights whose incoming vector keeps its length', () => {
  const shape: ShallowShape = { inputs: 1, hidden: 1, outputs: 1, activation: 'relu', slope: 0, skip: false };
  const [w, b, a, c] = [0.8, 0.6, 1.7, 0.3];
  const parameters = Float64Array.of(w, b, a, c);
  const dataset = samplesOf(shape, parameters);
  const sigma = 1e-3;
  const found = measureIdentifiability(shape, parameters, dataset, sigma ** 2);
  // the same with the angle of (w, b) as the parameter: ∂f/∂angle, ∂f/∂a, ∂f/∂c
  const normal = new Float64Array(9);
  for (const x of dataset.inputs) {
    const z = w * x + b;
    const row = z > 0 ? [a * (-b * x + w), z, 1] : [0, 0, 1];
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) normal[i * 3 + j] += row[i] * row[j];
  }
  const [angle, outgoing, bias] = inverseDiagonal(factorCholesky(normal, 3)!, 3).map(
    (v) => sigma * Math.sqrt(v),
  );
  const expected = [b * angle, w * angle, outgoing, bias];
  for (const [i, error] of expected.entries()) {
    assert.ok(Math.abs(found.standardErrors[i] / error - 1) < 1e-9, `${found.standardErrors[i]}, ${error}`);
  }
  assert.deepEqual([found.parameters, found.freeDirections, found.fullRank], [4, 1, true]);
});

test('no standard error is smaller than the rounding of its weight', () => {
  const shape: ShallowShape = { inputs: 2, hidden: 1, outputs: 1, activation: 'tanh', slope: 0, skip: false };
  const parameters = Float64Array.of(1, 0.5, -0.25, 2, 0.125);
  const { standardErrors } = measureIdentifiability(shape, parameters, samplesOf(shape, parameters), 0);
  for (const [i, error] of standardErrors.entries()) {
    assert.ok(error >= 2 ** -53 * Math.abs(parameters[i]) && error < 1e-14, `${error}`);
  }
});

test('a misfit is no error of the answers: standard errors follow from the floor alone', () => {
  const shape: ShallowShape = { inputs: 2, hidden: 1, outputs: 1, activation: 'tanh', slope: 0, skip: false };
  const parameters = Float64Array.of(1, 0.5, -0.25, 2, 0.125);
  const exact = samplesOf(shape, parameters);
  const off = { ...exact, outputs: exact.outputs.map((value, n) => value + 1e-3 * Math.sin(n)) };
  const [own, misfitted] = [exact, off].map((dataset) =>
    measureIdentifiability(shape, parameters, dataset, 1e-10),
  );
  assert.deepEqual(misfitted.standardErrors, own.standardErrors);
});

test('what was fitted beside the weights makes their errors larger, as the whole Jacobian says', () => {
  const shape: ShallowShape = { inputs: 1, hidden: 1, outputs: 1, activation: 'tanh', slope: 0, skip: false };
  const [w, b, a, c] = [1, 0.5, -0.25, 0.125];
  const parameters = Float64Array.of(w, b, a, c);
  const dataset = samplesOf(shape, parameters);
  // a fifth parameter that moves answer n by cos(3x), beside the four of the network
  const rows = Array.from(dataset.inputs, (x) => {
    const t = Math.tanh(w * x + b);
    return [a * (1 - t * t) * x, a * (1 - t * t), t, 1, Math.cos(3 * x)];
  });
  const product = (i: number, j: number) => rows.reduce((sum, row) => sum + row[i] * row[j], 0);
  const normal = Float64Array.from({ length: 25 }, (_, i) => product(Math.floor(i / 5), i % 5));
  const expected = inverseDiagonal(factorCholesky(normal, 5)!, 5).map((v) => 1e-3 * Math.sqrt(v));
  const beside = { cross: Float64Array.from({ length: 4 }, (_, i) => product(i, 4)), square: product(4, 4) };
  const problem = loadKernels().shallow(shape, dataset);
  const place = [{ row: [0, 1], column: [2] }];
  const found = identifiabilityOf(problem, parameters, place, false, 1e-6, [], beside);
  problem.dispose();
  assert.equal(found.standardErrors.length, 4);
  for (const [i, error] of found.standardErrors.entries()) {
    assert.ok(Math.abs(error / expected[i] - 1) < 1e-9, `${error}, ${expected[i]}`);
  }
});

test('inputs that depend on each other determine no weights, whatever rounding leaves of JᵀJ', () => {
  const shape: ShallowShape = { inputs: 3, hidden: 1, outputs: 1, activation: 'tanh', slope: 0, skip: false };
  const parameters = Float64Array.of(1.1, 0.5, -0.7, -0.25, 2, 0.125);
  for (const [a, b] of [
    [0.31, 0.7],
    [-0.9, 1.3],
    [0.05, -0.6],
    [2.1, 0.4],
  ]) {
    const inputs = normalInputs(count, 3, 2);
    for (let n = 0; n < count; n++) inputs[n * 3 + 2] = a * inputs[n * 3] + b * inputs[n * 3 + 1];
    const exact = samplesOf(shape, parameters, inputs);
    const rounded = { ...exact, outputs: exact.outputs.map((value, n) => value * (1 + 2e-16 * Math.sin(n))) };
    const { fullRank, standardErrors } = measureIdentifiability(shape, parameters, rounded, 1e-32);
    assert.equal(fullRank, false, `${a}, ${b}`);
    assert.ok(standardErrors.every(Number.isNaN));
  }
});

test('errors of all other weights are known where some are left open: those of the network without what is open', () => {
  const shape: ShallowShape = { inputs: 2, hidden: 2, outputs: 1, activation: 'tanh', slope: 0, skip: false };
  const parameters = Float64Array.of(0.8, 0, 0.3, -0.4, 0, 0.9, 1.5, -0.7, 0.2);
  // the second input never moves: nothing is known of its two weights
  const inputs = normalInputs(count, 2, 2).map((value, i) => (i % 2 === 1 ? 0 : value));
  const found = measureIdentifiability(shape, parameters, samplesOf(shape, parameters, inputs), 1e-6);
  assert.equal(found.fullRank, false);
  assert.ok(found.standardErrors.every(Number.isNaN));
  assert.deepEqual(found.open, [1, 4]);
  const without: ShallowShape = { ...shape, inputs: 1 };
  const own = parameters.filter((_, i) => i !== 1 && i !== 4);
  const first = inputs.filter((_, i) => i % 2 === 0);
  const { standardErrors } = measureIdentifiability(without, own, samplesOf(without, own, first), 1e-6);
  const others = found.errorsOfOthers!()!;
  assert.equal(others[1], 0);
  assert.equal(others[4], 0);
  others
    .filter((_, i) => i !== 1 && i !== 4)
    .forEach((error, i) => {
      assert.ok(
        Math.abs(error - standardErrors[i]) <= 1e-9 * standardErrors[i],
        `${error}, ${standardErrors[i]}`,
      );
    });
});
