/** Lets many in at a time, or one alone. */
export interface Gate {
  /** Resolves when the caller may go in, with what lets it out. */
  enter(alone: boolean): Promise<() => void>;
}

/** A gate through which those who must be alone go in turn: nobody goes in while one of them waits. */
export function createGate(): Gate {
  let inside = 0;
  let isClosed = false;
  const queue: { readonly alone: boolean; readonly open: () => void }[] = [];
  const next = (): void => {
    while (queue.length > 0 && !isClosed && (!queue[0].alone || inside === 0)) {
      const { alone, open } = queue.shift()!;
      inside++;
      isClosed = alone;
      open();
    }
  };
  return {
    async enter(alone) {
      await new Promise<void>((open) => {
        queue.push({ alone, open });
        next();
      });
      let isOut = false;
      return () => {
        if (isOut) return;
        isOut = true;
        inside--;
        if (alone) isClosed = false;
        next();
      };
    },
  };
}
