import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import type { ActivationName } from '../../src/network/activations.js';
import { deepParameterCount, toDeepNetwork } from '../../src/network/deep.js';
import { forward } from '../../src/network/forward.js';
import { normProblem } from '../../src/optimise/norm-problem.js';

const count = 12;

function problemOf(activation: ActivationName) {
  const random = randomStream('norm problem');
  const some = (length: number) => Float64Array.from({ length }, () => random.normal());
  const shape = {
    inputs: 2,
    widths: [3],
    outputs: 2,
    activation,
    slope: 0,
    skip: false,
    normalised: true,
  };
  const samples = { inputs: some(2 * count), outputs: some(2 * count), count };
  const parameters = some(deepParameterCount(shape));
  return { shape, samples, parameters, problem: normProblem(shape, samples) };
}

for (const activation of ['tanh', 'softplus', 'relu'] as const) {
  test(`${activation}: loss, gradient and JᵀJ are those of the network's residuals`, () => {
    const { shape, samples, parameters, problem } = problemOf(activation);
    const residualsAt = (theta: Float64Array) =>
      forward(toDeepNetwork({ shape, parameters: theta }, Float64Array.of(1, 1)), samples.inputs, count).map(
        (y, i) => y - samples.outputs[i],
      );
    const residuals = residualsAt(parameters);
    const loss = residuals.reduce((sum, r) => sum + r * r, 0) / residuals.length;
    assert.ok(Math.abs(problem.loss(parameters) - loss) < 1e-13 * loss);
    assert.ok(Math.abs(problem.linearise(parameters) - loss) < 1e-13 * loss);
    const p = problem.parameterCount;
    const h = 1e-6;
    const columns = Array.from({ length: p }, (_, i) => {
      const [above, below] = [h, -h].map((step) => residualsAt(parameters.with(i, parameters[i] + step)));
      return above.map((value, n) => (value - below[n]) / (2 * h));
    });
    const product = (a: Float64Array, b: Float64Array) => a.reduce((sum, value, n) => sum + value * b[n], 0);
    const matrix = problem.normalMatrix();
    const gradient = new Float64Array(p);
    problem.lossAndGradient(parameters, gradient);
    for (let i = 0; i < p; i++) {
      const along = product(columns[i], residuals);
      assert.ok(Math.abs(problem.normalVector[i] - along) < 1e-6, `${i}`);
      assert.ok(Math.abs(gradient[i] - (2 * along) / residuals.length) < 1e-6, `${i}`);
      assert.equal(problem.normalDiagonal[i], matrix[i * p + i]);
      for (let j = 0; j < p; j++) {
        assert.ok(Math.abs(matrix[i * p + j] - product(columns[i], columns[j])) < 1e-5, `${i} ${j}`);
      }
    }
  });
}
