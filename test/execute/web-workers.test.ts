import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { createWebWorkersFitter, type JobProgress } from '../../src/execute/web-workers.js';
import { loadKernels } from '../../src/kernels/load.js';
import { forward } from '../../src/network/forward.js';
import type { FitJob } from '../../src/optimise/fit.js';
import { normalInputs, randomNetwork } from '../run/networks.js';
import { workerHere } from './worker-here.js';

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

const expected = await createInlineFitter(loadKernels()).fit(jobs);

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

test('a pause acts between two iterations, a step takes one, and what comes out is the same', async () => {
  const told: number[] = [];
  const fitter = createWebWorkersFitter({
    threads: 1,
    start: () => workerHere(),
    onProgress: ({ iterations }) => told.push(iterations),
  });
  assert.equal(fitter.step(), false, 'nothing is trained yet');
  const long = {
    ...jobs[4],
    method: { ...jobs[4].method, options: { maxIterations: 3000, patience: 3000 } },
  };
  const work = fitter.fit([long as FitJob]);
  const settle = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  while (told.length === 0) await settle(5);
  fitter.pause();
  await settle(150);
  const rested = told.length;
  await settle(150);
  assert.equal(told.length, rested, 'nothing is trained while it rests');
  for (const more of [1, 2]) {
    assert.equal(fitter.step(), true);
    await settle(60);
    assert.equal(told.length, rested + more);
    assert.equal(told[rested + more - 1], told[rested - 1] + more, 'one iteration further');
  }
  fitter.goOn();
  assert.deepEqual(await work, await createInlineFitter(loadKernels()).fit([long as FitJob]));
  fitter.close();
});

test('workers that are started while it rests begin when it goes on', async () => {
  const told: number[] = [];
  const onProgress = ({ iterations }: JobProgress) => told.push(iterations);
  const fitter = createWebWorkersFitter({ threads: 2, start: () => workerHere(), onProgress });
  fitter.pause();
  const work = fitter.fit(jobs);
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.ok(
    told.every((iterations) => iterations === 0),
    String(told),
  );
  fitter.goOn();
  assert.deepEqual(await work, expected);
  fitter.close();
});
