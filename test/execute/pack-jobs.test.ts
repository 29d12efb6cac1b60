import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { createPacking } from '../../src/execute/pack-jobs.js';
import { createThreadedFitter } from '../../src/execute/threads.js';
import { loadKernels } from '../../src/kernels/load.js';
import type { FitJob } from '../../src/optimise/fit.js';
import { caseOf, shapeOf } from '../kernels/implementations.js';

function jobOf(count: number, seed = 0): FitJob {
  const { shape, samples, parameters } = caseOf(shapeOf({ inputs: 3, hidden: 4, outputs: 2 }), count);
  const start = parameters.map((value) => value + 0.1 * seed);
  return { samples, shape, method: { kind: 'descend', start, options: { maxIterations: 5 } } };
}

test('jobs on the same samples share what is packed once', () => {
  const allocated: number[] = [];
  const pack = createPacking((bytes) => {
    allocated.push(bytes);
    return new ArrayBuffer(bytes);
  });
  const job = jobOf(200);
  const first = pack(job).samples.packed;
  assert.ok(first instanceof Float64Array);
  assert.equal(pack({ ...job }).samples.packed, first);
  assert.equal(pack({ ...job, samples: { ...job.samples } }).samples.packed, first);
  assert.equal(pack(pack(job)).samples.packed, first);
  assert.deepEqual(allocated, [2 * 136 * 8 * 6]); // two blocks of x̃ (4 rows) and y (2 rows)
});

test('jobs on other outputs, or fewer of the samples, are packed apart', () => {
  const pack = createPacking((bytes) => new ArrayBuffer(bytes));
  const job = jobOf(200);
  const packed = pack(job).samples.packed;
  const others = { ...job, samples: { ...job.samples, outputs: job.samples.outputs.map((y) => 2 * y) } };
  assert.notDeepEqual(pack(others).samples.packed, packed);
  const fewer = { ...job, samples: { ...job.samples, count: 190 } };
  assert.notDeepEqual(pack(fewer).samples.packed, packed);
  assert.deepEqual(pack(job).samples.packed, packed);
});

test('threads train the same students on shared samples as one thread does, whatever stays in its memory', async () => {
  // the second is more than a window of samples
  const jobs = [jobOf(100), jobOf(90_000), jobOf(90_000, 1)];
  jobs[2] = { ...jobs[2], samples: jobs[1].samples };
  const threads = createThreadedFitter(2);
  try {
    const apart = await threads.fit(jobs);
    const inline = await createInlineFitter(loadKernels()).fit(jobs);
    assert.deepEqual(
      apart.map(({ parameters, loss }) => [loss, ...parameters]),
      inline.map(({ parameters, loss }) => [loss, ...parameters]),
    );
  } finally {
    await threads.close();
  }
});
