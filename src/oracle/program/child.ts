import { type ChildProcess, spawn } from 'node:child_process';
import { InputError } from '../../base/errors.js';

/** Longest line that is read, in characters. */
const longestLine = 2 ** 24;

/** Seconds in which a program must end when its input does, before it is killed. */
const patience = 2;

/** And one that owes answers which nobody waits for any more. */
const patienceWithBusy = 0.5;

/** The program has ended, or could not be started; `seen` lines of the current call had been answered. */
export class ChildEnded extends Error {
  override readonly name = 'ChildEnded';
}

/** A running program that answers a line with a line. */
export interface Child {
  /**
   * Writes `text` and gives every line that comes back to `take` until it returns true. Throws `ChildEnded`
   * when the program ends before, and `InputError` when no line comes for so many seconds.
   */
  converse(text: string, take: (line: string) => boolean, seconds: number): Promise<void>;
  /** Ends the program. */
  end(): Promise<void>;
}

/** Starts `command` in the shell. `onStderr` gets what it writes to stderr. */
export function startChild(command: string, onStderr: (text: string) => void): Child {
  const isWindows = process.platform === 'win32';
  const child = spawn(command, {
    shell: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: !isWindows, // a group of its own, so that what the shell started ends with it
    windowsHide: true,
    env: { ...process.env, PYTHONUNBUFFERED: '1' }, // Python keeps lines back when its output is a pipe
  });
  let rest = '';
  let lines: string[] = [];
  let ended: string | undefined;
  let wake = () => {};
  let isBusy = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    lines.push(...parts.filter((line) => line.trim() !== ''));
    if (rest.length > longestLine) {
      ended = `wrote a line of more than ${longestLine} characters`;
      killGroup(child, isWindows);
    }
    wake();
  });
  child.stderr.setEncoding('utf8').on('data', onStderr);
  child.stdin.on('error', () => {}); // the program has ended; `close` tells how
  const closed = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      ended ??= `could not be started (${error.message})`;
      wake();
      resolve();
    });
    child.on('close', (code, signal) => {
      if (rest.trim() !== '') lines.push(rest);
      ended ??= signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
      wake();
      resolve();
    });
  });

  return {
    async converse(text, take, seconds) {
      if (ended === undefined) child.stdin.write(text);
      isBusy = true;
      for (;;) {
        const arrived = lines;
        lines = [];
        for (const [i, line] of arrived.entries()) {
          if (!take(line)) continue;
          lines = [...arrived.slice(i + 1), ...lines];
          isBusy = false;
          return;
        }
        if (ended !== undefined) throw new ChildEnded(ended);
        let timer: NodeJS.Timeout | undefined;
        const isLate = await new Promise<boolean>((resolve) => {
          wake = () => resolve(false);
          if (lines.length > 0) wake();
          timer = setTimeout(() => resolve(true), 1000 * seconds);
        });
        clearTimeout(timer);
        if (isLate) {
          throw new InputError(
            `wrote no line for ${seconds} s, expected one for every query (does it flush its output?) or a longer --timeout`,
          );
        }
      }
    },
    async end() {
      child.stdin.end();
      const kill = setTimeout(
        () => killGroup(child, isWindows),
        1000 * (isBusy ? patienceWithBusy : patience),
      );
      await closed;
      clearTimeout(kill);
    },
  };
}

function killGroup(child: ChildProcess, isWindows: boolean): void {
  try {
    if (child.pid !== undefined && !isWindows) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {} // it has ended
}
