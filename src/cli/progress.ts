import yoctoSpinner from 'yocto-spinner';
import type { RecoverEvent } from '../recovery.js';

/** What progress has to tell at a moment. */
export interface ProgressState {
  readonly phase: string;
  readonly width: number;
  readonly started: number;
  readonly finished: number;
  readonly atFloor: number;
  /** Lowest loss of a finished student, in scaled outputs; infinite before the first. */
  readonly bestLoss: number;
}

/** Before the first event. */
export const noProgress: ProgressState = {
  phase: 'start',
  width: 0,
  started: 0,
  finished: 0,
  atFloor: 0,
  bestLoss: Number.POSITIVE_INFINITY,
};

/** The state after one more event. */
export function advance(state: ProgressState, event: RecoverEvent): ProgressState {
  switch (event.kind) {
    case 'phase':
      return { ...state, phase: event.phase };
    case 'wave':
      return { ...state, width: event.width, started: state.started + event.students };
    case 'student':
      return {
        ...state,
        finished: state.finished + 1,
        atFloor: state.atFloor + (event.student.atFloor ? 1 : 0),
        bestLoss: Math.min(state.bestLoss, event.student.loss),
      };
  }
}

/** The state as one line. */
export function describeProgress({
  phase,
  width,
  started,
  finished,
  atFloor,
  bestLoss,
}: ProgressState): string {
  if (started === 0) return phase;
  const best = Number.isFinite(bestLoss) ? `, best loss ${bestLoss.toExponential(1)}` : '';
  const wave = phase === 'expand' ? ` (width ${width})` : '';
  return `${phase}: ${started} students${wave}, ${finished} finished, ${atFloor} at the floor${best}`;
}

/** Shows the events of a recovery until it is stopped. */
export interface Progress {
  onEvent(event: RecoverEvent): void;
  stop(): void;
}

/** Seconds between two lines while students of one wave finish, where lines cannot be overwritten. */
const lineInterval = 5;

/** One line that changes on a terminal; elsewhere plain lines, one at every step and wave. */
export function showProgress(stream: NodeJS.WriteStream): Progress {
  const isInteractive = stream.isTTY && process.env.TERM !== 'dumb' && !('CI' in process.env);
  return isInteractive ? changingLine(stream) : plainLines(stream);
}

function changingLine(stream: NodeJS.WriteStream): Progress {
  let state = noProgress;
  const spinner = yoctoSpinner({ stream, text: describeProgress(state), handleSignals: false }).start();
  return {
    onEvent(event) {
      state = advance(state, event);
      spinner.text = describeProgress(state);
    },
    stop: () => spinner.stop(),
  };
}

/** Plain lines for files and pipes. `now` is in milliseconds. */
export function plainLines(
  stream: { write(text: string): unknown },
  now = () => performance.now(),
): Progress {
  let state = noProgress;
  let last = Number.NEGATIVE_INFINITY;
  return {
    onEvent(event) {
      state = advance(state, event);
      const isWaveOver = state.finished === state.started;
      if (event.kind === 'student' && !isWaveOver && now() - last < lineInterval * 1000) return;
      last = now();
      stream.write(`${describeProgress(state)}\n`);
    },
    stop() {},
  };
}
