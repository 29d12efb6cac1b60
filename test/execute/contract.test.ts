import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopAfter } from '../../src/base/stop.js';
import { createInlineFitter } from '../../src/execute/inline.js';
import { serveJobs } from '../../src/execute/serve-jobs.js';
import { createThreadedFitter } from '../../src/execute/threads.js';
import { createWebWorkersFitter, type JobProgress } from '../../src/execute/web-workers.js';
import type { FromWorker, ToWorker, WorkerLike } from '../../src/execute/worker-protocol.js';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import type { FitJob, Fitter } from '../../src/optimise/fit.js';
import { normalInputs, randomNetwork } from '../run/networks.js';

/** A web worker in this thread: every message is cloned and comes later, as between threads. */
function workerHere(isDead: (jobs: number) => boolean = () => false): WorkerLike {
  let isOver = false;
  let jobs = 0;
  const later = (act: () => void) => setTimeout(() => !isOver && act());
  const worker: WorkerLike = {
    onmessage: null,
    onerror: null,
    postMessage(message: ToWorker) {
      const copy = structuredClone(message);
      later(() => {
        if (copy.kind === 'fit' && isDead(jobs++)) die();
        else serve(copy);
      });
    },
    terminate() {
      isOver = true;
    },
  };
  // a worker that dies may say so twice: of what it was told last, and of what it was told before
  const die = () => {
    const prevented = [0, 1].map(() => {
      let isPrevented = false;
      worker.onerror?.({ message: 'out of memory', preventDefault: () => (isPrevented = true) });
      return isPrevented;
    });
    assert.deepEqual(prevented, [true, true], 'what nobody hears ends the page');
  };
  const post = (answer: FromWorker) => {
    const copy = structuredClone(answer);
    later(() => worker.onmessage?.({ data: copy }));
  };
  const serve = serveJobs(loadKernels(), post);
  return worker;
}

const target = randomNetwork('tanh', [3, 4, 1]);
const inputs = normalInputs(200, 3);
const samples = { inputs, outputs: forward(target, inputs, 200), count: 200 };

/** Descents and growths of several widths, on two sets of samples. */
const jobs: FitJob[] = Array.from({ length: 6 }, (_, i) => {
  const shape = { inputs: 3, hidden: 2 + i, outputs: 1, activation: 'tanh', slope: 0, skip: false } as const;
  const own = i % 2 === 0 ? samples : { ...samples, count: 150 };
  if (i === 5) {
    const descend = { maxIterations: 10 };
    const options = { seed: ['contract'], rounds: 1, candidates: 10, descend };
    return { samples: own, shape, method: { kind: 'grow', options } };
  }
  const start = Float64Array.from({ length: shape.hidden * 5 + 1 }, (_, k) => Math.sin(1 + k + 7 * i));
  return { samples: own, shape, method: { kind: 'descend', start, options: { maxIterations: 15 } } };
});

/** A job that no fitter can do: only networks with one hidden layer can be grown. */
const impossible = {
  ...jobs[5],
  shape: { inputs: 3, widths: [2, 2], outputs: 1, activation: 'tanh', slope: 0, skip: false },
} as unknown as FitJob;

const expected = await createInlineFitter(loadKernels()).fit(jobs);

const executors: Readonly<Record<string, () => Fitter & { close?(): unknown }>> = {
  inline: () => createInlineFitter(loadKernels()),
  'worker threads': () => createThreadedFitter(2),
  'web workers': () => createWebWorkersFitter({ threads: 2, start: () => workerHere() }),
  'web workers that are watched': () =>
    createWebWorkersFitter({ threads: 3, start: () => workerHere(), onProgress() {} }),
};

for (const [name, create] of Object.entries(executors)) {
  test(`${name}: results in the order of the jobs, bit for bit those of the calling thread`, async () => {
    const fitter = create();
    try {
      const told: number[] = [];
      const results = await fitter.fit(jobs, (index, result) => {
        assert.equal(result.loss, expected[index].loss);
        told.push(index);
      });
      assert.deepEqual(results, expected);
      assert.deepEqual(told.toSorted(), [0, 1, 2, 3, 4, 5]);
      assert.deepEqual(await fitter.fit([]), []);
      // two calls at a time do not mix
      const [a, b] = await Promise.all([fitter.fit(jobs.slice(0, 2)), fitter.fit(jobs.slice(2, 4))]);
      assert.deepEqual([...a, ...b], expected.slice(0, 4));
    } finally {
      await fitter.close?.();
    }
  });

  test(`${name}: what a job throws is passed on, and the next jobs are trained`, async () => {
    const fitter = create();
    try {
      await assert.rejects(fitter.fit([impossible]), /only networks with one hidden layer can be grown/);
      assert.deepEqual(await fitter.fit(jobs.slice(0, 1)), expected.slice(0, 1));
    } finally {
      await fitter.close?.();
    }
  });

  test(`${name}: what stop throws ends the training, and the next jobs are trained`, async () => {
    const fitter = create();
    try {
      const stop = stopAfter(0);
      await assert.rejects(fitter.fit(jobs, undefined, stop), /were allowed/);
      assert.deepEqual(await fitter.fit(jobs.slice(0, 1)), expected.slice(0, 1));
    } finally {
      await fitter.close?.();
    }
  });
}

test('web workers that die are replaced, and their jobs come to the same results', async () => {
  let started = 0;
  // the first two workers die of their second job
  const start = () => {
    const isFrail = started++ < 2;
    return workerHere((done) => isFrail && done === 1);
  };
  const fitter = createWebWorkersFitter({ threads: 2, start });
  assert.deepEqual(await fitter.fit(jobs), expected);
  assert.ok(started > 2);
  fitter.close();
});

test('a job that workers keep dying of is an error with the reason', async () => {
  let started = 0;
  const start = () => {
    started++;
    return workerHere(() => true);
  };
  const fitter = createWebWorkersFitter({ threads: 1, start });
  await assert.rejects(
    fitter.fit(jobs.slice(0, 1)),
    /3 workers died of one piece of training: out of memory/,
  );
  assert.equal(started, 3);
  fitter.close();
});

test('progress of web workers tells every job, its curve at the end; a pause holds jobs back', async () => {
  const told: JobProgress[] = [];
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const fitter = createWebWorkersFitter({
    threads: 2,
    start: () => workerHere(),
    onProgress: (one) => told.push(one),
    beforeJob: () => gate,
  });
  const work = fitter.fit(jobs);
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(told.length, 0);
  open();
  await work;
  const ends = told.filter(({ lossCurve }) => lossCurve !== undefined).toSorted((a, b) => a.job - b.job);
  assert.deepEqual(
    ends.map(({ job, loss }) => [job, loss]),
    expected.map(({ loss }, i) => [i, loss]),
  );
  for (const { job } of ends) assert.ok(told.some((one) => one.job === job && one.lossCurve === undefined));
  fitter.close();
});
