import yoctoSpinner from 'yocto-spinner';
import type { RecoverEvent } from '../recovery.js';

/** What progress has to tell at a moment. */
export interface ProgressState {
  readonly phase: string;
  /** Hidden widths of the latest wave, joined by dashes. */
  readonly width: string;
  /** Students whose training began, of all waves and of the latest. */
  readonly started: number;
  readonly startedInWave: number;
  /** Students that are trained, of all waves and of the latest. */
  readonly finished: number;
  readonly finishedInWave: number;
  /** When the latest wave began, in milliseconds. */
  readonly waveSince: number;
  readonly atFloor: number;
  /** Lowest loss of a finished student, in scaled outputs; infinite before the first. */
  readonly bestLoss: number;
  /** The hidden layer whose neurons are followed, and how many are found; empty while students are trained. */
  readonly traced: string;
  /** The workers of the queue, in words; empty where there is none. */
  readonly machines: string;
  readonly queries: number;
  /** Most queries that may be asked; infinite without a limit. */
  readonly budget: number;
}

/** What happens: an event of the recovery, queries that were answered, or something among the workers of a queue. */
export type ProgressEvent =
  | RecoverEvent
  | { readonly kind: 'queries'; readonly count: number }
  | { readonly kind: 'queue'; readonly words: string };

/** Before the first event. */
export const noProgress: ProgressState = {
  phase: 'start',
  width: '',
  started: 0,
  startedInWave: 0,
  finished: 0,
  finishedInWave: 0,
  waveSince: 0,
  atFloor: 0,
  bestLoss: Number.POSITIVE_INFINITY,
  traced: '',
  machines: '',
  queries: 0,
  budget: Number.POSITIVE_INFINITY,
};

/** The state after one more event, which came at `now` (milliseconds). */
export function advance(state: ProgressState, event: ProgressEvent, now: number): ProgressState {
  switch (event.kind) {
    case 'phase':
      return { ...state, phase: event.phase, traced: '' };
    case 'queries':
      return { ...state, queries: state.queries + event.count };
    case 'clustered':
      return state;
    case 'queue':
      return { ...state, machines: event.words };
    case 'trace':
      return { ...state, traced: `following layer ${event.layer}, ${event.neurons} neurons found` };
    case 'wave':
      return {
        ...state,
        traced: '',
        width: (event.widths ?? [event.width]).join('-'),
        started: state.started + event.students,
        startedInWave: event.students,
        finishedInWave: 0,
        waveSince: now,
      };
    case 'student':
      return {
        ...state,
        finished: state.finished + 1,
        finishedInWave: state.finishedInWave + 1,
        atFloor: state.atFloor + (event.student.atFloor ? 1 : 0),
        bestLoss: Math.min(state.bestLoss, event.student.loss),
      };
  }
}

/** The state at `now` (milliseconds) as one line. */
export function describeProgress(state: ProgressState, now: number): string {
  const { phase, width, started, finished, atFloor, bestLoss, queries, budget, traced, machines } = state;
  const parts: string[] = traced === '' ? [] : [traced];
  if (started > 0) {
    const wave = phase === 'expand' ? ` (width ${width})` : '';
    const running = started > finished ? `${started - finished} running, ` : '';
    parts.push(`${started} students${wave}: ${running}${finished} done, ${atFloor} at the floor`);
    if (Number.isFinite(bestLoss)) parts.push(`best loss ${bestLoss.toExponential(1)}`);
  }
  if (queries > 0) {
    parts.push(Number.isFinite(budget) ? `${queries} of ${budget} queries` : `${queries} queries`);
  }
  if (machines !== '') parts.push(machines);
  const left = secondsLeft(state, now);
  if (left >= 1) parts.push(`about ${describeSeconds(left)} left for this width`);
  return parts.length === 0 ? phase : `${phase}: ${parts.join(', ')}`;
}

/** How long the rest of the wave takes at the speed so far; 0 where that is unknown. */
function secondsLeft({ startedInWave, finishedInWave, waveSince }: ProgressState, now: number): number {
  if (finishedInWave === 0) return 0;
  return ((now - waveSince) / 1000 / finishedInWave) * (startedInWave - finishedInWave);
}

function describeSeconds(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return seconds < 6000 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

/** Shows the events of a recovery until it is stopped. */
export interface Progress {
  onEvent(event: ProgressEvent): void;
  /** Shows a line that stays. */
  say(line: string): void;
  stop(): void;
}

/** How progress is shown. */
export interface ProgressOptions {
  /** Not at all. */
  readonly quiet?: boolean;
  readonly budget?: number;
}

/** Seconds between two lines while students of one wave finish or neurons are followed, where lines cannot be overwritten. */
const lineInterval = 5;

/** One line that changes on a terminal; elsewhere plain lines, one at every step and wave. */
export function showProgress(stream: NodeJS.WriteStream, options: ProgressOptions = {}): Progress {
  if (options.quiet) return { onEvent() {}, say() {}, stop() {} };
  const isInteractive = stream.isTTY && process.env.TERM !== 'dumb' && !('CI' in process.env);
  return isInteractive ? changingLine(stream, options) : plainLines(stream, options);
}

function changingLine(stream: NodeJS.WriteStream, { budget = noProgress.budget }: ProgressOptions): Progress {
  const now = () => performance.now();
  let state = { ...noProgress, budget };
  let isStopped = false;
  // signals are for the command: it keeps what is finished before it ends
  const spinner = yoctoSpinner({
    stream,
    text: describeProgress(state, now()),
    handleSignals: false,
  }).start();
  const show = () => {
    spinner.text = describeProgress(state, now());
  };
  const timer = setInterval(show, 1000).unref(); // the time that is left goes down between events too
  return {
    onEvent(event) {
      if (isStopped) return; // setting the text would draw the line again
      state = advance(state, event, now());
      show();
    },
    say(line) {
      spinner.stop();
      stream.write(`${line}\n`);
      spinner.start();
    },
    stop() {
      isStopped = true;
      clearInterval(timer);
      spinner.stop();
    },
  };
}

/** Plain lines for files and pipes. `now` is in milliseconds. */
export function plainLines(
  stream: { write(text: string): unknown },
  { budget = noProgress.budget }: ProgressOptions = {},
  now = () => performance.now(),
): Progress {
  let state = { ...noProgress, budget };
  let last = Number.NEGATIVE_INFINITY;
  let isStopped = false;
  return {
    onEvent(event) {
      if (isStopped) return;
      state = advance(state, event, now());
      if (event.kind === 'queries' || event.kind === 'queue' || event.kind === 'clustered') return;
      const isWaveOver = state.finished === state.started;
      const isFrequent = event.kind === 'trace' || (event.kind === 'student' && !isWaveOver);
      if (isFrequent && now() - last < lineInterval * 1000) return;
      last = now();
      stream.write(`${describeProgress(state, now())}\n`);
    },
    say(line) {
      stream.write(`${line}\n`);
    },
    stop() {
      isStopped = true;
    },
  };
}
