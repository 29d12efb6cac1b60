import { before, describe } from 'node:test';
import { createInlineFitter } from '../../src/execute/inline.js';
import { createThreadedFitter } from '../../src/execute/threads.js';
import { createWebWorkersFitter } from '../../src/execute/web-workers.js';
import { loadKernels } from '../../src/kernels/load.js';
import { parseQueueAddress } from '../../src/queue/address.js';
import { createQueueFitter } from '../../src/queue/fitter.js';
import { killAll, type Running, skip, startRedis, startWorker, type TestRedis } from '../queue/redis.js';
import { passesTheContract } from './fitter-contract.js';
import { workerHere } from './worker-here.js';

const kernels = loadKernels();

describe('the calling thread', () => {
  passesTheContract(async () => ({ fitter: createInlineFitter(kernels), close: async () => {} }));
});

describe('worker threads', () => {
  passesTheContract(async () => {
    const fitter = createThreadedFitter(2);
    return { fitter, close: fitter.close };
  });
});

describe('web workers', () => {
  passesTheContract(
    async () => {
      const fitter = createWebWorkersFitter({ threads: 2, start: () => workerHere() });
      return { fitter, close: async () => fitter.close() };
    },
    { canStop: false },
  );
});

describe('web workers that are watched', () => {
  passesTheContract(
    async () => {
      const fitter = createWebWorkersFitter({ threads: 3, start: () => workerHere(), onProgress() {} });
      return { fitter, close: async () => fitter.close() };
    },
    { canStop: false },
  );
});

describe('workers of a queue', { skip }, () => {
  let redis: TestRedis;
  let workers: Running[] = [];
  before(async () => {
    redis = await startRedis();
    workers = await Promise.all([startWorker(redis.url), startWorker(redis.url, ['--threads', '2'])]);
  });
  passesTheContract(async () => {
    const address = parseQueueAddress(redis.url);
    const fitter = await createQueueFitter({ address, kernels, title: 'the contract' });
    const close = async () => {
      await fitter.close();
      await killAll(workers);
      await redis.close();
    };
    return { fitter, close };
  });
});
