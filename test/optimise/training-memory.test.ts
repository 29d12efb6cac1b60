import assert from 'node:assert/strict';
import { test } from 'node:test';
import { machineMemory } from '../../src/execute/machine-memory.js';
import { loadKernels } from '../../src/kernels/load.js';
import { startKernels } from '../../src/kernels/wasm.js';
import type { DeepShape } from '../../src/network/deep.js';
import { shallowParameterCount } from '../../src/network/shallow.js';
import type { FitJob, Fitter } from '../../src/optimise/fit.js';
import { trainingBytes, withinMemory } from '../../src/optimise/training-memory.js';
import { recover } from '../../src/recover.js';

const shapeOf = (width: number) =>
  ({ inputs: 8, widths: [width], outputs: 1, activation: 'tanh', slope: 0, skip: false }) as const;

/** A student of p = 10·width + 1 parameters, trained with a normal matrix as deep ones are. */
const job = (hidden: number): FitJob<DeepShape> => ({
  samples: { inputs: new Float64Array(0), outputs: new Float64Array(0), count: 0 },
  shape: shapeOf(hidden),
  method: { kind: 'descend', start: new Float64Array(0), options: {} },
});

function counted(): { fitter: Fitter; begun: () => number } {
  let begun = 0;
  const fitter: Fitter = {
    fit: async (jobs) => {
      begun += jobs.length;
      return [];
    },
  };
  return { fitter, begun: () => begun };
}

test('students that need more memory than there is are not begun, and what others took is used again', async () => {
  let available = 2.5e9;
  const { fitter, begun } = counted();
  const within = withinMemory(fitter, { threads: 2, available: () => available });
  assert.equal(trainingBytes(shapeOf(1000), 500), 11 * 10_001 ** 2);
  await within.fit([job(1000), job(10), job(1000)]); // two at a time: 2.2 GB
  available = 3e8;
  await within.fit([job(1000), job(1000)]);
  assert.equal(begun(), 5);
  await assert.rejects(within.fit([job(1100), job(1100)]), {
    name: 'MemoryShort',
    message: '2 students at a time of 8 inputs and 1100 neurons need 0.5 GB, and 0.3 GB are free',
  });
  await within.fit([job(1100)]); // one alone needs less than two of 1000 did
  assert.equal(begun(), 6);
});

test('students beyond what the kernels can address are not begun on any machine', async () => {
  const { fitter, begun } = counted();
  await assert.rejects(withinMemory(fitter, undefined).fit([job(2000)]), {
    name: 'MemoryShort',
    message: 'students of 8 inputs and 2000 neurons need 4.4 GB, and 4.3 GB are free',
  });
  assert.equal(begun(), 0);
});

test('wide students with one hidden layer need what their kernels take, which does not grow with the square', () => {
  const count = 1000;
  for (const [inputs, hidden] of [
    [64, 64],
    [200, 40],
  ]) {
    const shape = { inputs, hidden, outputs: 10, activation: 'tanh', slope: 0, skip: false } as const;
    const { machine, matrixFree } = startKernels('simd', { resident: 0, streamed: 0 });
    const samples = {
      inputs: new Float64Array(inputs * count),
      outputs: new Float64Array(10 * count),
      count,
    };
    matrixFree(shape, samples);
    const bytes = trainingBytes(shape, count);
    const taken = machine.arena.size;
    // the memory grows by whole steps, holds a block of samples and three vectors of parameters
    const more = 4e6 + 8 * 3 * shallowParameterCount(shape);
    assert.ok(bytes <= taken && taken <= bytes + more, `${inputs}-${hidden}: ${bytes} of ${taken}`);
    assert.ok(bytes < 11 * shallowParameterCount(shape) ** 2);
  }
});

test('a recovery says what it needs before it takes it', async () => {
  const inputDimension = 3000;
  const target = (inputs: Float64Array, count: number) =>
    Float64Array.from({ length: count }, (_, n) => Math.tanh(inputs[n * inputDimension]));
  const { fitter } = counted();
  const memory = { threads: 1, available: () => 1e8 };
  const { verdict, reason, evidence } = await recover(
    target,
    { inputDimension },
    { kernels: loadKernels(), fitter, memory },
  );
  assert.equal(verdict, 'failed');
  assert.match(
    reason,
    /^the memory is too small: 3000 queries of 3000 inputs need 0\.2 GB, and 0\.1 GB are free; tried so far: no students; under way: the first queries/,
  );
  assert.equal(evidence.unfinished?.why, 'memory');
});

test('this machine tells how much memory is left', () => {
  const { threads, available } = machineMemory(3);
  assert.equal(threads, 3);
  assert.ok(available() > 1e6 && available() < 1e15);
});
