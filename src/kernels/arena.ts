const PAGE = 65536;
const LARGEST = 65536 * PAGE;
/** Memory grows by whole steps of this size, as each growth replaces the views. */
const STEP = 1 << 20;
/** Every address is a multiple of a cache line. */
const LINE = 64;

interface Span {
  at: number;
  bytes: number;
}

/**
 * Hands out parts of a WebAssembly memory and takes them back: first fit over a list of free spans, neighbours
 * merged. The views change whenever the memory grows, that is, with `allocate` only; `version` then changes too.
 */
export class Arena {
  f64: Float64Array;
  f32: Float32Array;
  i32: Int32Array;
  version = 0;
  readonly #memory: WebAssembly.Memory;
  /** Sorted by address; never two that touch. */
  readonly #free: Span[];
  readonly #taken = new Map<number, number>();

  constructor(memory: WebAssembly.Memory, start: number) {
    this.#memory = memory;
    this.f64 = new Float64Array(memory.buffer);
    this.f32 = new Float32Array(memory.buffer);
    this.i32 = new Int32Array(memory.buffer);
    const at = roundUp(start, LINE);
    this.#free = [{ at, bytes: memory.buffer.byteLength - at }];
  }

  /** Size of the memory in bytes, taken and free. */
  get size(): number {
    return this.#memory.buffer.byteLength;
  }

  /** The address of `bytes` bytes, their content unspecified; throws an `Error` when the memory is full. */
  allocate(bytes: number): number {
    const wanted = roundUp(Math.max(bytes, 1), LINE);
    let index = this.#free.findIndex((span) => span.bytes >= wanted);
    if (index < 0) {
      this.#grow(wanted);
      index = this.#free.length - 1;
    }
    const span = this.#free[index];
    const { at } = span;
    span.at += wanted;
    span.bytes -= wanted;
    if (span.bytes === 0) this.#free.splice(index, 1);
    this.#taken.set(at, wanted);
    return at;
  }

  /** Takes back what `allocate` gave. */
  release(at: number): void {
    const bytes = this.#taken.get(at);
    if (bytes === undefined) return;
    this.#taken.delete(at);
    let index = this.#free.findIndex((span) => span.at > at);
    if (index < 0) index = this.#free.length;
    this.#free.splice(index, 0, { at, bytes });
    this.#merge(index);
    this.#merge(index - 1);
  }

  /** Makes one span of the span at `index` and the next when they touch. */
  #merge(index: number): void {
    const span = this.#free[index];
    const next = this.#free[index + 1];
    if (span === undefined || next === undefined || span.at + span.bytes !== next.at) return;
    span.bytes += next.bytes;
    this.#free.splice(index + 1, 1);
  }

  /** Grows the memory until the last free span holds `wanted` bytes. */
  #grow(wanted: number): void {
    const end = this.size;
    const last = this.#free.at(-1);
    const open = last !== undefined && last.at + last.bytes === end ? last.bytes : 0;
    const growth = roundUp(wanted - open, STEP);
    try {
      // written so that a NaN fails as well
      if (!(end + growth <= LARGEST)) throw new RangeError('beyond 4 GiB');
      this.#memory.grow(growth / PAGE);
    } catch (cause) {
      throw outOfMemory(end, growth, cause);
    }
    this.f64 = new Float64Array(this.#memory.buffer);
    this.f32 = new Float32Array(this.#memory.buffer);
    this.i32 = new Int32Array(this.#memory.buffer);
    this.version++;
    if (open > 0) last!.bytes += growth;
    else this.#free.push({ at: end, bytes: growth });
  }
}

/** The error of a memory that holds `held` bytes and cannot take `wanted` more. */
export function outOfMemory(held: number, wanted: number, cause?: unknown): Error {
  const megabytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
  return new Error(
    `out of memory: the kernels hold ${megabytes(held)} MiB and need ${megabytes(wanted)} MiB more; ` +
      'WebAssembly offers 4096 MiB per thread',
    { cause },
  );
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
