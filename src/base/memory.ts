/** Work would need more memory than there is: an expected end, turned into a verdict by `recover`. */
export class MemoryShort extends Error {
  override readonly name = 'MemoryShort';
  constructor(
    /** What needs it, in the plural. */
    readonly what: string,
    /** Bytes. */
    readonly needed: number,
    readonly available: number,
  ) {
    super(`${what} need ${inGigabytes(needed)}, and ${inGigabytes(available)} are free`);
  }
}

/** What a machine has; nothing is known of it in browsers. */
export interface Memory {
  /** Bytes that can still be taken. */
  available(): number;
  /** Jobs that are trained at a time. */
  readonly threads: number;
}

/** Less than this is not worth a look. */
const small = 2 ** 26;

/** Throws `MemoryShort` when `bytes` for `what` are more than there are. */
export function checkMemory(memory: Memory | undefined, what: string, bytes: number): void {
  if (memory === undefined || bytes < small) return;
  const available = memory.available();
  if (bytes > available) throw new MemoryShort(what, bytes, available);
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
