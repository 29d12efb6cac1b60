import type { Stop } from '../base/stop.js';
import type { FitJob, FitShape, Fitted, Fitter } from '../optimise/fit.js';
import { createPacking } from './pack-jobs.js';
import type { FromWorker, WorkerLike } from './worker-protocol.js';

/** What is told of a job while it is trained and when it is done. */
export interface JobProgress {
  /** Number of the job among all that this fitter was given, from 0. */
  readonly job: number;
  readonly shape: FitShape;
  readonly iterations: number;
  readonly loss: number;
  readonly parameters: Float64Array;
  /** The whole curve, once the job is done. */
  readonly lossCurve?: Float64Array;
}

/** How workers are started, and who wants to know. */
export interface WebWorkersOptions {
  readonly threads: number;
  /** Starts a worker that serves jobs (`serve-jobs.ts`). */
  start(): WorkerLike;
  onProgress?(progress: JobProgress): void;
  /** Waited for before each job is given to a worker: to pause. */
  beforeJob?(): Promise<void>;
}

/** A fitter on web workers; `close` ends them. */
export interface WebWorkersFitter extends Fitter {
  readonly threads: number;
  close(): void;
}

/** A job is given to another worker so many times when workers die of it. */
const mostDeaths = 2;

/** Milliseconds between two words on how a job goes. */
const progressEvery = 60;

/** So many sets of samples are kept in every worker: those of the waves that were trained last. */
const mostSamples = 3;

interface Piece {
  readonly number: number;
  readonly job: FitJob<FitShape>;
  deaths: number;
  isCancelled: boolean;
  resolve(result: Fitted<FitShape>): void;
  reject(error: Error): void;
}

interface Hand {
  readonly worker: WorkerLike;
  readonly samples: number[];
  piece: Piece | undefined;
}

/**
 * Trains on `threads` web workers that live until `close`. The results are those of any other fitter. A worker that dies
 * is replaced, and its job given to another; a job that two more workers die of is an error.
 */
export function createWebWorkersFitter(options: WebWorkersOptions): WebWorkersFitter {
  const { threads, beforeJob } = options;
  const pack = createPacking((bytes) => new ArrayBuffer(bytes));
  const numbers = numberSamples();
  const hands: Hand[] = [];
  const waiting: Piece[] = [];
  let given = 0;
  let isGiving = false;

  const tell = (piece: Piece, answer: Omit<JobProgress, 'job' | 'shape'>, shape = piece.job.shape) =>
    options.onProgress?.({ job: piece.number, shape, ...answer });
  const startHand = (): Hand => {
    const hand: Hand = { worker: options.start(), samples: [], piece: undefined };
    hand.worker.onmessage = ({ data }) => hear(hand, data);
    hand.worker.onerror = (event) => {
      event.preventDefault?.();
      mourn(hand, event.message || 'no reason is known');
    };
    hands.push(hand);
    return hand;
  };
  const hear = (hand: Hand, answer: FromWorker) => {
    const { piece } = hand;
    if (piece === undefined) return;
    if (answer.kind === 'progress') {
      if (!piece.isCancelled) tell(piece, answer);
      return;
    }
    hand.piece = undefined;
    if (answer.kind === 'failed') piece.reject(new Error(answer.message));
    else if (!piece.isCancelled) {
      tell(piece, answer.result, answer.result.shape);
      piece.resolve(answer.result);
    }
    void give();
  };
  const mourn = (hand: Hand, reason: string) => {
    remove(hand);
    const { piece } = hand;
    if (piece !== undefined && !piece.isCancelled) {
      piece.deaths++;
      if (piece.deaths <= mostDeaths) waiting.unshift(piece);
      else piece.reject(new Error(`${piece.deaths} workers died of one piece of training: ${reason}`));
    }
    void give();
  };
  const remove = (hand: Hand) => {
    hand.worker.onmessage = null;
    hand.worker.terminate();
    const at = hands.indexOf(hand);
    if (at >= 0) hands.splice(at, 1);
  };
  const hand = (piece: Piece, to: Hand) => {
    const { samples: all, ...job } = piece.job;
    const id = numbers.of(all);
    if (!to.samples.includes(id)) {
      to.worker.postMessage({ kind: 'samples', id, samples: all });
      to.samples.push(id);
      if (to.samples.length > mostSamples) to.worker.postMessage({ kind: 'forget', id: to.samples.shift()! });
    }
    to.piece = piece;
    const every = options.onProgress === undefined ? 0 : progressEvery;
    to.worker.postMessage({ kind: 'fit', samples: id, job, every });
  };
  const give = async () => {
    if (isGiving) return; // one at a time: a pause holds all of them
    isGiving = true;
    try {
      while (waiting.length > 0) {
        const free = hands.find(({ piece }) => piece === undefined);
        if (free === undefined && hands.length >= threads) break;
        await beforeJob?.();
        const piece = waiting.shift();
        if (piece === undefined || piece.isCancelled) continue;
        const idle = hands.find((one) => one.piece === undefined);
        hand(piece, idle ?? startHand());
      }
    } finally {
      isGiving = false;
    }
  };
  const cancel = (pieces: readonly Piece[]) => {
    for (const piece of pieces) piece.isCancelled = true;
    for (const piece of pieces.filter((one) => waiting.includes(one)))
      waiting.splice(waiting.indexOf(piece), 1);
    // training in a worker cannot be told to end: the worker goes
    for (const busy of hands.filter(({ piece }) => piece?.isCancelled)) remove(busy);
    void give();
  };
  return {
    threads,
    async fit<Shape extends FitShape>(
      jobs: readonly FitJob<Shape>[],
      onDone?: (index: number, result: Fitted<Shape>) => void,
      stop?: Stop,
    ) {
      const pieces: Piece[] = [];
      const all = Promise.all(
        jobs.map(async (job, index) => {
          const result = (await new Promise<Fitted<FitShape>>((resolve, reject) => {
            const packed = pack(job) as FitJob<FitShape>;
            const piece = { number: given++, job: packed, deaths: 0, isCancelled: false, resolve, reject };
            pieces.push(piece);
            waiting.push(piece);
          })) as Fitted<Shape>;
          onDone?.(index, result);
          return result;
        }),
      );
      void give();
      try {
        return await (stop === undefined ? all : stop.race(all));
      } catch (error) {
        cancel(pieces);
        throw error;
      }
    },
    close() {
      for (const piece of waiting.splice(0)) piece.isCancelled = true;
      for (const one of [...hands]) remove(one);
    },
  };
}

/** Numbers for sets of samples: jobs on the same inputs and outputs have the same. */
function numberSamples() {
  const known = new WeakMap<Float64Array, { outputs: Float64Array; count: number; id: number }[]>();
  let next = 0;
  return {
    of({ inputs, outputs, count }: { inputs: Float64Array; outputs: Float64Array; count: number }): number {
      const same = known.get(inputs) ?? [];
      known.set(inputs, same);
      const found = same.find((one) => one.outputs === outputs && one.count === count);
      if (found !== undefined) return found.id;
      same.push({ outputs, count, id: next });
      return next++;
    },
  };
}
