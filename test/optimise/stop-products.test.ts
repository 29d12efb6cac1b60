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

/** JᵀJ of the shape above, factored, and the diagonal of its inverse. */
function inverseOf(kernels: ReturnType<typeof loadKernels>): Float64Array {
  const count = 60;
  const problem = kernels.shallow(shape, {
    inputs: drawInputs(['stop', 'inputs'], count, 3, 1),
    outputs: drawInputs(['stop', 'outputs'], count, 2, 1),
    count,
  });
  try {
    problem.linearise(drawInputs(['stop', 'parameters'], 1, p, 1));
    const scale = problem.normalDiagonal.map((value) => 1 / Math.sqrt(value));
    return problem.factoriseScaled(scale)!.inverseDiagonal();
  } finally {
    problem.dispose();
  }
}

test('a factor ends between two of its blocks, and the kernels go on as before', () => {
  const n = 400;
  const matrix = new Float64Array(n * n);
  for (let i = 0; i < n; i++) matrix[i * n + i] = 1 + i;
  const kernels = loadKernels();
  let checks = 0;
  const late = {
    ...stopAfter(1e6),
    check() {
      if (++checks === 3) throw new TimeSpent(1);
    },
  };
  assert.throws(() => stoppableKernels(kernels, late).factorise(matrix, n), TimeSpent);
  assert.equal(checks, 3);
  const factor = kernels.factorise(matrix, n)!;
  assert.equal(checks, 3);
  assert.ok(Math.abs(factor.leastPivot - 1) < 1e-14);
  factor.dispose();
});

test('a normal matrix ends when the time is spent, and with time left its inverse is the same', () => {
  assert.throws(() => inverseOf(stoppableKernels(loadKernels(), stopAfter(0))), TimeSpent);
  assert.deepEqual(inverseOf(stoppableKernels(loadKernels(), stopAfter(1e6))), inverseOf(loadKernels()));
});
