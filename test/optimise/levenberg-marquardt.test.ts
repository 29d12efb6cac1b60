import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { referenceKernels } from '../../src/kernels/reference.js';
import { solvePositiveDefinite } from '../../src/kernels/reference-problem.js';
import { rowProblem } from '../../src/kernels/row-problem.js';
import { forward } from '../../src/network/forward.js';
import { type ShallowShape, shallowParameterCount } from '../../src/network/shallow.js';
import { factorCholesky, inverseDiagonal, solveCholesky } from '../../src/numeric/cholesky.js';
import { minimise } from '../../src/optimise/levenberg-marquardt.js';
import { toMinimum } from '../../src/polish/polish.js';
import { normalInputs } from '../run/networks.js';

const shape: ShallowShape = { inputs: 2, hidden: 2, outputs: 1, activation: 'tanh', slope: 0, skip: false };

/** A target whose parameters, in the order of the shape's vector, are `truth`. */
const truth = Float64Array.of(1.5, -0.7, 0.3, 0.4, 2, -0.5, 1.2, -0.8, 0.25);

function samples(noise = 0) {
  const count = 60;
  const inputs = normalInputs(count, 2);
  const outputs = forward(
    {
      activation: 'tanh',
      slope: 0,
      layers: [
        {
          inputs: 2,
          outputs: 2,
          weights: Float64Array.of(1.5, -0.7, 0.4, 2),
          biases: Float64Array.of(0.3, -0.5),
        },
        { inputs: 2, outputs: 1, weights: Float64Array.of(1.2, -0.8), biases: Float64Array.of(0.25) },
      ],
    },
    inputs,
    count,
  );
  const random = randomStream('noise');
  return { inputs, outputs: outputs.map((y) => y + noise * random.normal()), count };
}

test('from nearby it converges quadratically to the parameters that made the samples', () => {
  const problem = referenceKernels.shallow(shape, samples());
  const start = truth.map((value, i) => value + 0.1 * Math.sin(i + 1));
  const result = minimise(problem, start, { tolerance: 1e-28, initialDamping: 1e-6 });
  assert.equal(result.reason, 'tolerance');
  assert.ok(result.iterations <= 12, `${result.iterations} iterations`);
  result.parameters.forEach((value, i) => {
    assert.ok(Math.abs(value - truth[i]) < 1e-12);
  });
  assert.equal(result.lossCurve.length, result.iterations + 1);
  for (let i = 1; i < result.lossCurve.length; i++) assert.ok(result.lossCurve[i] < result.lossCurve[i - 1]);
});

test('with noisy samples it ends at a point whose gradient vanishes', () => {
  const problem = referenceKernels.shallow(shape, samples(0.01));
  const result = minimise(problem, truth, { maxIterations: 100, patience: 100, minDecrease: 0 });
  const gradient = new Float64Array(shallowParameterCount(shape));
  const loss = problem.lossAndGradient(result.parameters, gradient);
  assert.ok(loss > 1e-5 && loss < 2e-4);
  assert.ok(Math.hypot(...gradient) < 1e-9, `gradient ${Math.hypot(...gradient)}`);
});

test('says why it stopped', () => {
  const problem = referenceKernels.shallow(shape, samples(0.01));
  const far = truth.map((value) => -3 * value + 1);
  assert.equal(minimise(problem, far, { maxIterations: 2 }).reason, 'max-iterations');
  assert.equal(
    minimise(problem, truth, { maxIterations: 200, patience: 5, minDecrease: 0.5 }).reason,
    'stalled',
  );
  assert.equal(
    minimise(
      problem,
      truth.map(() => Number.NaN),
    ).reason,
    'non-finite',
  );
  assert.equal(minimise(problem, truth, { tolerance: 1 }).reason, 'tolerance');
});

test('leaves the start as it is and gives the same result again', () => {
  const problem = referenceKernels.shallow(shape, samples());
  const start = truth.map((value) => value * 1.1);
  const copy = start.slice();
  const first = minimise(problem, start);
  assert.deepEqual(start, copy);
  assert.deepEqual(minimise(problem, start), first);
});

/** How far parameters are from the minimum, in standard errors of the weight that is furthest, for noise of this variance. */
function distanceToMinimum(
  problem: ReturnType<typeof referenceKernels.shallow>,
  at: Float64Array,
  variance: number,
) {
  problem.linearise(at);
  const p = problem.parameterCount;
  const normal = problem.normalMatrix();
  const scale = Float64Array.from({ length: p }, (_, i) => 1 / Math.sqrt(normal[i * p + i]));
  const factor = factorCholesky(
    normal.map((value, i) => value * scale[Math.floor(i / p)] * scale[i % p]),
    p,
  )!;
  const step = problem.normalVector.map((value, i) => -value * scale[i]);
  solveCholesky(factor, p, step);
  const inverse = inverseDiagonal(factor, p);
  return Math.max(...step.map((value, i) => Math.abs(value) / Math.sqrt(variance * inverse[i])));
}

test('bent steps go along a narrow valley in fewer iterations than straight ones', () => {
  // Rosenbrock's function, a hundred times as narrow; its minimum is at (1, 1)
  const problem = rowProblem({
    parameterCount: 2,
    residualCount: 2,
    forEach([x, y], visit) {
      visit(1000 * (y - x * x), Float64Array.of(-2000 * x, 1000));
      visit(1 - x, Float64Array.of(-1, 0));
    },
    solve: (matrix, b, to) => solvePositiveDefinite(matrix, 2, b, to),
  });
  const options = { maxIterations: 2000, patience: 2000, tolerance: 1e-20 };
  const [straight, bent] = [false, true].map((acceleration) =>
    minimise(problem, Float64Array.of(-1.2, 1), { ...options, acceleration }),
  );
  assert.equal(bent.reason, 'tolerance');
  assert.ok(bent.parameters.every((value) => Math.abs(value - 1) < 1e-9));
  assert.ok(bent.iterations < straight.iterations / 2, `${bent.iterations} of ${straight.iterations}`);
  assert.ok(bent.lossCurve.every((loss, i) => i === 0 || loss < bent.lossCurve[i - 1]));
});

test('last steps reach the minimum of an ill-conditioned problem, where damped ones stop a standard error before it', () => {
  for (const seed of [1, 2, 4]) {
    // two tanh neurons a hundredth apart
    const random = randomStream('ls', seed);
    const [v, w, b] = [1.5, -0.7, 0.3];
    const twins = Float64Array.of(v, w, b, 1.01 * v, w + 0.01, b - 0.01, 1.2, -0.8, 0.25);
    const count = 200;
    const inputs = Float64Array.from({ length: 2 * count }, () => random.normal());
    const neuron = (j: number, x: number, y: number) =>
      Math.tanh(twins[3 * j] * x + twins[3 * j + 1] * y + twins[3 * j + 2]);
    const outputs = Float64Array.from({ length: count }, (_, n) => {
      const [x, y] = inputs.subarray(2 * n, 2 * n + 2);
      return 1.2 * neuron(0, x, y) - 0.8 * neuron(1, x, y) + 0.25 + 1e-10 * random.normal();
    });
    const problem = referenceKernels.shallow(shape, { inputs, outputs, count });
    const start = twins.map((value) => value * (1 + 1e-5 * random.normal()));
    const [without, withThem] = [false, true].map((lastSteps) =>
      minimise(problem, start, { ...toMinimum, lastSteps }),
    );
    const [before, after] = [without, withThem].map(({ parameters }) =>
      distanceToMinimum(problem, parameters, 1e-20),
    );
    assert.ok(before > 0.5, `seed ${seed}: ${before} without`);
    assert.ok(after < 0.01, `seed ${seed}: ${after} with`);
    assert.ok(withThem.loss < without.loss && withThem.lossCurve.at(-1) === withThem.loss);
    assert.equal(withThem.iterations, withThem.lossCurve.length - 1);
  }
});
