import { randomStream } from '../src/base/random.js';

/** What one job costs whoever has to do with it, in milliseconds and bytes. */
export interface QueueCosts {
  /** Processor time of Redis, which has one thread for its commands. */
  readonly redis: number;
  /** Processor time of the giver. */
  readonly giver: number;
  readonly bytes: number;
  /** From one job to the next on one worker, beyond the training. */
  readonly total: number;
}

/** Numbers of workers, of one thread each, that are simulated. */
const workerCounts = [10, 100, 300, 1000, 3000];

const students = 100_000;

/** Seconds that a student takes on average; half of them between a half and twice of it. */
const studentSeconds = 1;

/** Lines about 10⁵ students of a second on many workers: how busy the workers, Redis and the giver are. */
export function simulateQueue(costs: QueueCosts, note: (line: string) => void): void {
  note(`simulated: ${students} students of ${studentSeconds} s on average, with these costs`);
  for (const workers of workerCounts) {
    const { seconds, work } = simulate(costs, workers);
    const share = (busy: number) => `${((100 * busy) / seconds).toFixed(0)} %`;
    const redis = (costs.redis / 1000) * students;
    const giver = (costs.giver / 1000) * students;
    note(
      `  ${String(workers).padStart(4)} workers: ${seconds.toFixed(0)} s; workers train ${share(work / workers)} of the time, Redis is busy ${share(redis)}, the giver ${share(giver)}, ${((costs.bytes * students) / seconds / 1e6).toFixed(1)} MB/s`,
    );
  }
}

/**
 * Every worker in turn waits for Redis, which serves one after another, trains, and goes back to Redis; results wait for
 * the giver in the same way. Returns the seconds until the last result is taken, and those of training, all workers together.
 */
function simulate(costs: QueueCosts, workers: number): { seconds: number; work: number } {
  const random = randomStream('queue simulation', workers);
  const service = costs.redis / 1000;
  const own = Math.max(0, costs.total - costs.redis) / 1000;
  // a worker comes back at a time; Redis and the giver are free from a time on
  const returns = new Float64Array(workers);
  const heap = Array.from({ length: workers }, (_, i) => i);
  let redisFree = 0;
  let giverFree = 0;
  let work = 0;
  for (let student = 0; student < students; student++) {
    const worker = heap[0];
    redisFree = Math.max(redisFree, returns[worker]) + service;
    const training = studentSeconds * Math.exp(random.normal() - 0.5);
    work += training;
    returns[worker] = redisFree + own + training;
    giverFree = Math.max(giverFree, returns[worker]) + costs.giver / 1000;
    sink(heap, returns);
  }
  return { seconds: Math.max(giverFree, ...returns), work };
}

/** Puts the first of a heap where its time belongs. */
function sink(heap: number[], times: Float64Array): void {
  let at = 0;
  for (;;) {
    let least = at;
    for (const child of [2 * at + 1, 2 * at + 2]) {
      if (child < heap.length && times[heap[child]] < times[heap[least]]) least = child;
    }
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least], heap[at]];
    at = least;
  }
}
