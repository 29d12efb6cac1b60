import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
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
  const child = spawn(command, {
    shell: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: !isWindows, // a group of its own, so that what the shell started ends with it
    windowsHide: true,
    env: { ...process.env, PYTHONUNBUFFERED: '1' }, // Python keeps lines back when its output is a pipe
  });
  child.stderr.setEncoding('utf8').on('data', onStderr);
  child.stdin.on('error', () => {}); // the program has ended; `close` tells how
  return new LineChild(child);
}

const isWindows = process.platform === 'win32';

class LineChild implements Child {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<void>;
  #rest = '';
  #lines: string[] = [];
  #ended: string | undefined;
  #wake = () => {};
  #isBusy = false;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#read(text));
    this.#closed = new Promise((resolve) => {
      child.on('error', (error) => {
        this.#ended ??= `could not be started (${error.message})`;
        this.#wake();
        resolve();
      });
      child.on('close', (code, signal) => {
        if (this.#rest.trim() !== '') this.#lines.push(this.#rest);
        this.#ended ??= signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
        this.#wake();
        resolve();
      });
    });
  }

  #read(text: string): void {
    const parts = (this.#rest + text).split('\n');
    this.#rest = parts.pop()!;
    this.#lines.push(...parts.filter((line) => line.trim() !== ''));
    if (this.#rest.length > longestLine) {
      this.#ended = `wrote a line of more than ${longestLine} characters`;
      killGroup(this.#child, isWindows);
    }
    this.#wake();
  }

  async converse(text: string, take: (line: string) => boolean, seconds: number): Promise<void> {
    if (this.#ended === undefined) this.#child.stdin.write(text);
    this.#isBusy = true;
    for (;;) {
      const arrived = this.#lines;
      this.#lines = [];
      for (const [i, line] of arrived.entries()) {
        if (!take(line)) continue;
        this.#lines = [...arrived.slice(i + 1), ...this.#lines];
        this.#isBusy = false;
        return;
      }
      if (this.#ended !== undefined) throw new ChildEnded(this.#ended);
      if (await this.#isLate(seconds)) {
        throw new InputError(
          `wrote no line for ${seconds} s, expected one for every query (does it flush its output?) or a longer --timeout`,
        );
      }
    }
  }

  /** Waits for a line or the end; whether neither came within so many seconds. */
  async #isLate(seconds: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const isLate = await new Promise<boolean>((resolve) => {
      this.#wake = () => resolve(false);
      if (this.#lines.length > 0) this.#wake();
      timer = setTimeout(() => resolve(true), 1000 * seconds);
    });
    clearTimeout(timer);
    return isLate;
  }

  async end(): Promise<void> {
    this.#child.stdin.end();
    const kill = setTimeout(
      () => killGroup(this.#child, isWindows),
      1000 * (this.#isBusy ? patienceWithBusy : patience),
    );
    await this.#closed;
    clearTimeout(kill);
  }
}

function killGroup(child: ChildProcess, isWindows: boolean): void {
  try {
    if (child.pid !== undefined && !isWindows) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {} // it has ended
}
