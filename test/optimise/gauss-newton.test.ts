import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import type { Kernels, Samples, ShallowShape } from '../../src/kernels/kernels.js';
import { shallowParameterCount } from '../../src/network/shallow.js';
import { minimiseMatrixFree, solveByConjugateGradients } from '../../src/optimise/gauss-newton.js';
import { minimise } from '../../src/optimise/levenberg-marquardt.js';
import { caseOf, implementations, relativeDifference, shapeOf } from '../kernels/implementations.js';

/** Samples of a random network of a shape, and its parameters. */
function teacher(kernels: Kernels, shape: ShallowShape, count: number) {
  const random = randomStream('teacher', shape.activation);
  const parameters = Float64Array.from({ length: shallowParameterCount(shape) }, () => random.normal());
  const inputs = Float64Array.from({ length: count * shape.inputs }, () => random.normal());
  const m = shape.hidden;
  const hidden = kernels.neuronOutputs(shape, parameters.subarray(0, m * (shape.inputs + 1)), inputs, count);
  const at = m * (shape.inputs + 1);
  const outputs = new Float64Array(count * shape.outputs);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < shape.outputs; i++) {
      let sum = parameters[at + i * (m + 1) + m];
      for (let j = 0; j < m; j++) sum += parameters[at + i * (m + 1) + j] * hidden[n * m + j];
      outputs[n * shape.outputs + i] = sum;
    }
  }
  const samples: Samples = { inputs, outputs, count };
  return { parameters, samples, random };
}

for (const kernels of implementations) {
  test(`conjugate gradients solve the damped normal equations, in ${kernels.name}`, () => {
    const { shape, samples, parameters } = caseOf(shapeOf({ inputs: 9, hidden: 7, outputs: 3 }), 140);
    const problem = kernels.matrixFree(shape, samples);
    const direct = kernels.shallow(shape, samples);
    problem.linearise(parameters);
    direct.linearise(parameters);
    const p = problem.parameterCount;
    const damping = 1e-3 * problem.largestDiagonal;
    assert.equal(problem.precondition(damping), true);
    const { step, left, products } = solveByConjugateGradients(problem, damping, 1e-12);
    const exact = new Float64Array(p);
    assert.equal(direct.solve(new Float64Array(p).fill(damping), exact), true);
    assert.ok(relativeDifference(exact, step) < 1e-9, String(relativeDifference(exact, step)));
    assert.ok(products < p, `${products} products`);
    // what is left is what the step leaves
    const product = new Float64Array(p);
    problem.multiply(step, product);
    const residual = product.map((value, i) => -problem.normalVector[i] - value - damping * step[i]);
    const scale = Math.max(...problem.normalVector.map(Math.abs));
    assert.ok(left.every((value, i) => Math.abs(value - residual[i]) < 1e-9 * scale));
    problem.dispose();
    direct.dispose();
  });

  test(`a descent ends where Levenberg–Marquardt does, in ${kernels.name}`, () => {
    for (const activation of ['tanh', 'softplus'] as const) {
      const shape = shapeOf({ inputs: 3, hidden: 4, outputs: 2, activation });
      const { parameters, samples, random } = teacher(kernels, shape, 120);
      const start = parameters.map((value) => value + 0.1 * random.normal());
      const options = { maxIterations: 100, patience: 100 };
      const free = kernels.matrixFree(shape, samples);
      const plain = kernels.shallow(shape, samples);
      const found = minimiseMatrixFree(free, start, options);
      const expected = minimise(plain, start, options);
      assert.ok(expected.loss < 1e-28 && found.loss < 1e-28, `${activation}: ${found.loss}`);
      assert.ok(relativeDifference(expected.parameters, found.parameters) < 1e-11, activation);
      assert.ok(found.lossCurve.every((loss, i) => i === 0 || loss < found.lossCurve[i - 1]));
      free.dispose();
      plain.dispose();
    }
  });
}

test('a start that is not finite is said, a tolerance ends it, and a check may stop it', () => {
  const [kernels] = implementations.slice(-1);
  const shape = shapeOf({ inputs: 3, hidden: 4 });
  const { parameters, samples } = teacher(kernels, shape, 120);
  const problem = kernels.matrixFree(shape, samples);
  const descend = (start: Float64Array, options = {}, check?: () => void) =>
    minimiseMatrixFree(problem, start, options, check);
  assert.equal(descend(parameters.map(() => Number.NaN)).reason, 'non-finite');
  assert.deepEqual(
    [descend(parameters, { tolerance: 1e-20 })].map(({ reason, iterations }) => [reason, iterations]),
    [['tolerance', 0]],
  );
  const off = parameters.map((value) => 1.1 * value);
  assert.equal(descend(off, { maxIterations: 2 }).reason, 'max-iterations');
  assert.throws(
    () =>
      descend(off, {}, () => {
        throw new Error('stopped');
      }),
    /stopped/,
  );
  problem.dispose();
});

test('where rounding or noise is all that is left, one step shows it', () => {
  const [kernels] = implementations.slice(-1);
  const shape = shapeOf({ inputs: 3, hidden: 4, outputs: 2 });
  const { parameters, samples, random } = teacher(kernels, shape, 120);
  const noisy = { ...samples, outputs: samples.outputs.map((value) => value + 1e-3 * random.normal()) };
  const problem = kernels.matrixFree(shape, noisy);
  const counted = { losses: 0 };
  const watched: typeof problem = Object.assign(Object.create(null), {
    parameterCount: problem.parameterCount,
    residualCount: problem.residualCount,
    normalVector: problem.normalVector,
    linearise: (at: Float64Array) => problem.linearise(at),
    multiply: (v: Float64Array, to: Float64Array) => problem.multiply(v, to),
    precondition: (damping: number) => problem.precondition(damping),
    applyPreconditioner: (v: Float64Array, to: Float64Array) => problem.applyPreconditioner(v, to),
    loss(at: Float64Array) {
      counted.losses++;
      return problem.loss(at);
    },
  });
  Object.defineProperty(watched, 'largestDiagonal', { get: () => problem.largestDiagonal });
  const options = { maxIterations: 100, patience: 100, initialDamping: 1e-8 };
  const first = minimiseMatrixFree(watched, parameters, options);
  assert.equal(first.reason, 'minimum');
  // the minimum by the other way, to a thousandth of what is left
  const plain = kernels.shallow(shape, noisy);
  const { loss } = minimise(plain, parameters, options);
  assert.ok(first.loss / loss - 1 < 1e-3, `${first.loss}, ${loss}`);
  counted.losses = 0;
  const again = minimiseMatrixFree(watched, first.parameters, options);
  assert.deepEqual([again.reason, again.iterations, counted.losses], ['minimum', 0, 1]);
  problem.dispose();
  plain.dispose();
});

test('a preconditioner sees more and more of the samples, until it sees all', () => {
  const shape = shapeOf({ inputs: 3, hidden: 2, outputs: 2 });
  const { samples, parameters } = caseOf(shape, 4000);
  const [damping, vector] = [1e-3, parameters.map((_, i) => Math.cos(i))];
  const apply = (kernels: Kernels, isRefined: boolean) => {
    const problem = kernels.matrixFree(shape, samples);
    problem.linearise(parameters);
    let times = 0;
    while (isRefined && problem.refine()) times++;
    assert.equal(problem.precondition(damping), true);
    const to = new Float64Array(parameters.length);
    problem.applyPreconditioner(vector, to);
    const product = new Float64Array(parameters.length);
    problem.multiply(vector, product);
    problem.dispose();
    return { times, to, product };
  };
  const [reference, ...builds] = implementations;
  const exact = apply(reference, true);
  for (const kernels of builds) {
    const [some, all] = [apply(kernels, false), apply(kernels, true)];
    assert.equal(all.times, 1); // 32 blocks, every fourth at first
    assert.ok(relativeDifference(exact.to, some.to) > 1e-5);
    assert.ok(relativeDifference(exact.to, all.to) < 1e-7);
    assert.ok(relativeDifference(exact.product, all.product) < 1e-9);
  }
});
