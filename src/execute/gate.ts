/** Holds work back while it is shut, and lets one piece through at a time when asked to. */
export interface Gate {
  readonly isShut: boolean;
  /** Milliseconds that it was shut so far, all together. */
  readonly shutFor: number;
  /** Waits until the gate is open, or a step is left. */
  pass(): Promise<void>;
  shut(): void;
  open(): void;
  /** Lets one more piece through while the gate is shut. */
  step(): void;
}

/** A gate that is open. */
export function createGate(): Gate {
  let shutAt: number | undefined;
  let before = 0;
  let steps = 0;
  let waiting: (() => void)[] = [];
  return {
    get isShut() {
      return shutAt !== undefined;
    },
    get shutFor() {
      return before + (shutAt === undefined ? 0 : performance.now() - shutAt);
    },
    async pass() {
      if (shutAt === undefined) return;
      if (steps > 0) {
        steps--;
        return;
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    shut() {
      shutAt ??= performance.now();
      steps = 0;
    },
    open() {
      if (shutAt !== undefined) before += performance.now() - shutAt;
      shutAt = undefined;
      const all = waiting;
      waiting = [];
      for (const go of all) go();
    },
    step() {
      if (shutAt === undefined) return;
      if (waiting.length > 0) waiting.shift()!();
      else steps = 1;
    },
  };
}
