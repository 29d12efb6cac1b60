import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/base/random.js';
import { referenceKernels } from '../../src/kernels/reference.js';
import { shallowFeatures, shallowParameterCount, splitParameters } from '../../src/network/shallow.js';
import { descendByAdam } from '../../src/optimise/adam-in-batches.js';
import { takeAll } from '../../src/optimise/levenberg-marquardt.js';
import { builds } from '../kernels/implementations.js';

const shape = { inputs: 3, hidden: 4, outputs: 2, activation: 'tanh', slope: 0, skip: false } as const;

/** A random network's answers to normal inputs: three parts of 256, the last with 88. */
function teacher() {
  const random = randomStream(5, 'teacher of Adam');
  const count = 600;
  const normals = (length: number) => Float64Array.from({ length }, () => random.normal());
  const theta = normals(shallowParameterCount(shape));
  const inputs = normals(count * shape.inputs);
  const { incoming, outgoing } = splitParameters(shape, theta);
  const features = shallowFeatures(shape, incoming, inputs, count);
  const outputs = new Float64Array(count * 2);
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < 2; k++) {
      for (let j = 0; j < 5; j++) outputs[n * 2 + k] += outgoing[k * 5 + j] * features[n * 5 + j];
    }
  }
  const start = normals(theta.length);
  return { samples: { inputs, outputs, count }, theta, start };
}

const options = { seed: [1, 'order'], epochs: 300, learningRate: 0.03, parts: 1 };

test('Adam in batches comes down to a network that answers', () => {
  const { samples, start } = teacher();
  const before = start.slice();
  for (const kernels of builds) {
    const problem = kernels.shallowInFloat32(shape, samples);
    const { loss, iterations, lossCurve, parameters, reason } = takeAll(
      descendByAdam(problem, start, options),
    );
    assert.deepEqual(start, before);
    assert.equal(reason, 'max-iterations');
    assert.equal(iterations, 300);
    assert.equal(lossCurve.length, 301);
    assert.ok(loss < 0.02 * lossCurve[0], `${lossCurve[0]} → ${loss}`);
    assert.equal(loss, problem.loss(parameters));
    problem.dispose();
  }
});

test('the same name gives the same descent, another one another order of the batches', () => {
  const { samples, start } = teacher();
  const [kernels] = builds;
  const run = (seed: readonly (string | number)[]) => {
    const problem = kernels.shallowInFloat32(shape, samples);
    const { parameters } = takeAll(descendByAdam(problem, start, { ...options, seed, epochs: 5 }));
    problem.dispose();
    return parameters;
  };
  assert.deepEqual(run([1, 'order']), run([1, 'order']));
  assert.notDeepEqual(run([1, 'order']), run([2, 'order']));
});

test('a descent whose numbers overflow ends, and says so', () => {
  const { samples, start } = teacher();
  const problem = referenceKernels.shallowInFloat32(shape, samples);
  const broken = start.with(0, Number.NaN);
  const { reason, iterations } = takeAll(descendByAdam(problem, broken, { ...options, epochs: 3 }));
  assert.deepEqual([reason, iterations], ['non-finite', 1]);
});

test('parts of the samples have the loss and the gradient that they have alone', () => {
  const { samples, theta, start } = teacher();
  const expected = referenceKernels.shallowInFloat32(shape, samples);
  for (const kernels of builds) {
    // samples in the window all at once, and one block after another
    const problem = kernels.shallowInFloat32(shape, samples);
    assert.equal(problem.parts, 3);
    for (const [first, count] of [
      [0, 1],
      [1, 1],
      [2, 1],
      [1, 2],
      [1, 9],
      [0, 3],
    ]) {
      const [gradient, own] = [new Float64Array(theta.length), new Float64Array(theta.length)];
      const loss = problem.batchLossAndGradient(start, own, first, count);
      const wanted = expected.batchLossAndGradient(start, gradient, first, count);
      assert.ok(Math.abs(loss / wanted - 1) < 1e-5, `${loss}, expected ${wanted}`);
      const scale = Math.max(...gradient.map(Math.abs));
      for (let i = 0; i < own.length; i++) {
        assert.ok(Math.abs(own[i] - gradient[i]) < 1e-5 * scale, `${i}: ${own[i]}, expected ${gradient[i]}`);
      }
    }
    // the whole is as before
    assert.ok(Math.abs(problem.loss(start) / expected.loss(start) - 1) < 1e-5);
    assert.throws(
      () => problem.batchLossAndGradient(start, new Float64Array(theta.length), 3, 1),
      RangeError,
    );
    problem.dispose();
  }
});
