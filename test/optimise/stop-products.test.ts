import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopAfter, TimeSpent } from '../../src/base/stop.js';
import { loadKernels } from '../../src/kernels/load.js';
import { shallowParameterCount } from '../../src/network/shallow.js';
import { groupsOfWeights } from '../../src/optimise/hold-scales.js';
import { invertByProducts } from '../../src/optimise/inverse-by-products.js';
import { stoppableKernels } from '../../src/optimise/stop-products.js';
import { drawInputs } from '../../src/query/collect.js';

const shape = { inputs: 3, hidden: 4, outputs: 2, activation: 'tanh', slope: 0, skip: false } as const;
const p = shallowParameterCount(shape);

function problemWith(kernels: ReturnType<typeof loadKernels>) {
  const count = 60;
  const problem = kernels.matrixFree(shape, {
    inputs: drawInputs(['stop', 'inputs'], count, 3, 1),
    outputs: drawInputs(['stop', 'outputs'], count, 2, 1),
    count,
  });
  problem.linearise(drawInputs(['stop', 'parameters'], 1, p, 1));
  return problem;
}

test('products end when the time is spent', () => {
  const problem = problemWith(stoppableKernels(loadKernels(), stopAfter(0)));
  assert.throws(() => invertByProducts(problem, groupsOfWeights(shape)), TimeSpent);
  problem.dispose();
});

test('with time left they are the same', () => {
  const v = drawInputs(['stop', 'vector'], 1, p, 1);
  const [stopped, plain] = [stoppableKernels(loadKernels(), stopAfter(1e6)), loadKernels()].map((kernels) => {
    const problem = problemWith(kernels);
    const to = new Float64Array(p);
    problem.multiply(v, to);
    problem.dispose();
    return to;
  });
  assert.deepEqual(stopped, plain);
});
