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
  /** Lets all training rest before its next iteration; jobs that are given to workers meanwhile do not begin. */
  pause(): void;
  goOn(): void;
  /** Lets everything that is trained take one iteration while it rests; false where nothing is trained. */
  step(): boolean;
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

/** A worker, the samples that it has, and what it trains. */
interface Hand {
  readonly worker: WorkerLike;
  readonly samples: number[];
  piece: Piece | undefined;
}

/** All workers of a fitter and the pieces that wait for one. */
interface Crew {
  readonly options: WebWorkersOptions;
  readonly numbers: ReturnType<typeof numberSamples>;
  readonly hands: Hand[];
  readonly waiting: Piece[];
  isGiving: boolean;
  isPaused: boolean;
}

/**
 * Trains on `threads` web workers that live until `close`. The results are those of any other fitter. A worker that dies
 * is replaced, and its job given to another; a job that two more workers die of is an error.
 */
export function createWebWorkersFitter(options: WebWorkersOptions): WebWorkersFitter {
  const crew: Crew = {
    ...{ options, numbers: numberSamples(), hands: [], waiting: [] },
    ...{ isGiving: false, isPaused: false },
  };
  const pack = createPacking((bytes) => new ArrayBuffer(bytes));
  let given = 0;
  return {
    threads: options.threads,
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
            crew.waiting.push(piece);
          })) as Fitted<Shape>;
          onDone?.(index, result);
          return result;
        }),
      );
      void give(crew);
      try {
        return await (stop === undefined ? all : stop.race(all));
      } catch (error) {
        cancel(crew, pieces);
        throw error;
      }
    },
    pause: () => rest(crew, true),
    goOn: () => rest(crew, false),
    step() {
      const busy = crew.hands.filter(({ piece }) => piece !== undefined);
      for (const { worker } of busy) worker.postMessage({ kind: 'step' });
      return busy.length > 0;
    },
    close() {
      for (const piece of crew.waiting.splice(0)) piece.isCancelled = true;
      for (const hand of [...crew.hands]) remove(crew, hand);
    },
  };
}

/** Tells all workers to rest, or to go on; those that are started later are told as they are. */
function rest(crew: Crew, isPaused: boolean): void {
  crew.isPaused = isPaused;
  for (const { worker } of crew.hands) worker.postMessage({ kind: isPaused ? 'pause' : 'go on' });
}

/** Gives the pieces that wait to workers, as long as one is free or can be started. */
async function give(crew: Crew): Promise<void> {
  if (crew.isGiving) return; // one at a time: a pause holds all of them
  crew.isGiving = true;
  const { options, hands, waiting } = crew;
  const findFree = () => hands.find(({ piece }) => piece === undefined);
  try {
    while (waiting.length > 0) {
      if (findFree() === undefined && hands.length >= options.threads) break;
      await options.beforeJob?.();
      const piece = waiting.shift();
      if (piece === undefined || piece.isCancelled) continue;
      handOver(crew, piece, findFree() ?? startHand(crew));
    }
  } finally {
    crew.isGiving = false;
  }
}

function startHand(crew: Crew): Hand {
  const hand: Hand = { worker: crew.options.start(), samples: [], piece: undefined };
  hand.worker.onmessage = ({ data }) => hear(crew, hand, data);
  hand.worker.onerror = (event) => {
    event.preventDefault?.();
    mourn(crew, hand, event.message || 'no reason is known');
  };
  if (crew.isPaused) hand.worker.postMessage({ kind: 'pause' });
  crew.hands.push(hand);
  return hand;
}

function handOver({ numbers, options }: Crew, piece: Piece, hand: Hand): void {
  const { samples, ...job } = piece.job;
  const id = numbers.of(samples);
  if (!hand.samples.includes(id)) {
    hand.worker.postMessage({ kind: 'samples', id, samples });
    hand.samples.push(id);
    if (hand.samples.length > mostSamples)
      hand.worker.postMessage({ kind: 'forget', id: hand.samples.shift()! });
  }
  hand.piece = piece;
  const every = options.onProgress === undefined ? 0 : progressEvery;
  hand.worker.postMessage({ kind: 'fit', samples: id, job, every });
}

function hear(crew: Crew, hand: Hand, answer: FromWorker): void {
  const { piece } = hand;
  if (piece === undefined) return;
  const { onProgress } = crew.options;
  if (answer.kind === 'progress') {
    if (!piece.isCancelled) onProgress?.({ job: piece.number, shape: piece.job.shape, ...answer });
    return;
  }
  hand.piece = undefined;
  if (answer.kind === 'failed') piece.reject(new Error(answer.message));
  else if (!piece.isCancelled) {
    onProgress?.({ job: piece.number, ...answer.result });
    piece.resolve(answer.result);
  }
  void give(crew);
}

/** A worker died: another takes its piece, unless too many died of that. */
function mourn(crew: Crew, hand: Hand, reason: string): void {
  remove(crew, hand);
  const { piece } = hand;
  if (piece !== undefined && !piece.isCancelled) {
    piece.deaths++;
    if (piece.deaths <= mostDeaths) crew.waiting.unshift(piece);
    else piece.reject(new Error(`${piece.deaths} workers died of one piece of training: ${reason}`));
  }
  void give(crew);
}

function remove({ hands }: Crew, hand: Hand): void {
  hand.worker.onmessage = null;
  // what it had yet to say of its death would end the run if nobody heard it
  hand.worker.onerror = (event) => event.preventDefault?.();
  hand.worker.terminate();
  const at = hands.indexOf(hand);
  if (at >= 0) hands.splice(at, 1);
}

function cancel(crew: Crew, pieces: readonly Piece[]): void {
  for (const piece of pieces) piece.isCancelled = true;
  const { waiting, hands } = crew;
  for (const piece of pieces.filter((one) => waiting.includes(one)))
    waiting.splice(waiting.indexOf(piece), 1);
  // training in a worker cannot be told to end: the worker goes
  for (const busy of hands.filter(({ piece }) => piece?.isCancelled)) remove(crew, busy);
  void give(crew);
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
