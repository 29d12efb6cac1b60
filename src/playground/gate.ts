/** Holds work back while it is shut, and lets one piece through at a time when asked to. */
export interface Gate {
  readonly isShut: boolean;
  /** Waits until the gate is open, or a step is left. */
  pass(): Promise<void>;
  shut(): void;
  open(): void;
  /** Lets one more piece through while the gate is shut. */
  step(): void;
}

/** A gate that is open. */
export function createGate(): Gate {
  let isShut = false;
  let steps = 0;
  let waiting: (() => void)[] = [];
  return {
    get isShut() {
      return isShut;
    },
    async pass() {
      if (!isShut) return;
      if (steps > 0) {
        steps--;
        return;
      }
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    shut() {
      isShut = true;
      steps = 0;
    },
    open() {
      isShut = false;
      const all = waiting;
      waiting = [];
      for (const go of all) go();
    },
    step() {
      if (!isShut) return;
      if (waiting.length > 0) waiting.shift()!();
      else steps = 1;
    },
  };
}
