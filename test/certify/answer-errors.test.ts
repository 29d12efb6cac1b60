import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerErrors } from '../../src/certify/answer-errors.js';
import { loadKernels } from '../../src/kernels/load.js';
import { type DeepNetwork, deepBlocks, deepParameterCount } from '../../src/network/deep.js';
import { normalInputs } from '../run/networks.js';

const shape = { inputs: 3, widths: [4, 5], outputs: 2, activation: 'g', slope: 0, skip: false } as const;
const network: DeepNetwork = { shape, parameters: normalInputs(deepParameterCount(shape), 1) };
const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);

test('errors of the weights reach the outputs as the normal equations say', () => {
  const count = 20;
  const inputs = normalInputs(count, 3);
  const problem = loadKernels().deep(shape, { inputs, outputs: new Float64Array(2 * count), count });
  problem.linearise(network.parameters);
  const sizes = normalInputs(network.parameters.length, 1, 0.1);
  const expected = problem.normalDiagonal.reduce((sum, value, i) => sum + value * sizes[i] ** 2, 0);
  problem.dispose();
  const { weights } = answerErrors(network, sizes, inputs, count, 0);
  assert.ok(Math.abs(total(weights) / expected - 1) < 1e-12);
});

for (const widths of [[4], [4, 5], [4, 5, 3]]) {
  test(`with paths past ${widths.length} hidden layers as well`, () => {
    const own = { ...shape, widths, skip: true };
    const parameters = normalInputs(deepParameterCount(own), 1);
    const [count, inputs] = [20, normalInputs(20, 3)];
    const problem = loadKernels().deep(own, { inputs, outputs: new Float64Array(2 * count), count });
    problem.linearise(parameters);
    const sizes = normalInputs(parameters.length, 1, 0.1);
    const expected = problem.normalDiagonal.reduce((sum, value, i) => sum + value * sizes[i] ** 2, 0);
    problem.dispose();
    const { weights } = answerErrors({ shape: own, parameters }, sizes, inputs, count, 0);
    assert.ok(Math.abs(total(weights) / expected - 1) < 1e-12);
  });
}

for (const activation of ['gelu', 'silu', 'leaky_relu'] as const) {
  test(`${activation}: what falls where others rise is not taken to rise with them`, () => {
    const own = { ...shape, activation, slope: -0.5 };
    const inputs = normalInputs(50, 3);
    for (let n = 0; n < 50; n++) {
      const point = inputs.subarray(3 * n, 3 * n + 3);
      const problem = loadKernels().deep(own, { inputs: point, outputs: new Float64Array(2), count: 1 });
      problem.linearise(network.parameters);
      const expected = total(problem.normalDiagonal) * 1e-12;
      problem.dispose();
      const sizes = new Float64Array(network.parameters.length).fill(1e-6);
      const { weights } = answerErrors({ shape: own, parameters: network.parameters }, sizes, point, 1, 0);
      assert.ok(Math.abs(total(weights) / expected - 1) < 1e-9, `${total(weights)}, ${expected}`);
    }
  });
}

test('rounding of float32 arithmetic, layer by layer and sum by sum, is what is said of it', () => {
  const count = 400;
  const inputs = normalInputs(count, 3).map(Math.fround);
  const parameters = network.parameters.map(Math.fround);
  const rounded = { shape, parameters };
  const exact = evaluate(rounded, inputs, count, (value) => value);
  const single = evaluate(rounded, inputs, count, Math.fround);
  const squares = exact.map((value, i) => (value - single[i]) ** 2);
  const { rounding } = answerErrors(rounded, new Float64Array(parameters.length), inputs, count, 2 ** -24);
  const ratio = Math.sqrt(total(squares) / total(rounding));
  // u is the largest error of an operation; the root mean square of a uniform one is u/√3, of a sum's mantissa less
  assert.ok(ratio > 0.2 && ratio < 1, String(ratio));
});

test('a kink that rounding or an error of the weights can reach counts on both sides', () => {
  const relu = { inputs: 1, widths: [1], outputs: 1, activation: 'relu', slope: 0, skip: false } as const;
  const parameters = Float64Array.of(1, -1, 2, 0);
  const errors = Float64Array.of(0, 1e-3, 0, 0);
  const at = (x: number) =>
    answerErrors({ shape: relu, parameters }, errors, Float64Array.of(x), 1, 0).weights[0];
  assert.ok(Math.abs(at(0.999) - 4e-6) < 1e-12, 'just below the kink');
  assert.ok(Math.abs(at(2) - 4e-6) < 1e-12, 'above');
  assert.equal(at(0.9), 0, 'far below');
});

/** The outputs of a network with every product and sum rounded by `round`; σ is evaluated in float64 and rounded. */
function evaluate(
  { shape, parameters }: DeepNetwork,
  inputs: Float64Array,
  count: number,
  round: (value: number) => number,
): Float64Array {
  const softplus = (z: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
  const g = (z: number) => softplus(z) + 1 / (1 + Math.exp(-4 * z));
  const blocks = deepBlocks(shape);
  let rows = inputs;
  blocks.forEach(({ at, rows: neurons, columns }, layer) => {
    const next = new Float64Array(count * neurons);
    for (let n = 0; n < count; n++) {
      for (let j = 0; j < neurons; j++) {
        let sum = 0;
        for (let k = 0; k < columns - 1; k++) {
          const product = round(parameters[at + j * columns + k] * rows[n * (columns - 1) + k]);
          sum = round(sum + product);
        }
        sum = round(sum + parameters[at + (j + 1) * columns - 1]);
        next[n * neurons + j] = layer === blocks.length - 1 ? sum : round(g(sum));
      }
    }
    rows = next;
  });
  return rows;
}
