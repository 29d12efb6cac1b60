import { type Numbers, packBlocks, packedBytes, samplesPerBlock } from './blocks.js';
import type { Precision, Samples } from './kernels.js';
import type { Machine } from './machine.js';

/**
 * What the kernels of a problem see of its samples: all of them where they are few; else some blocks at a time, which
 * every pass over the samples copies here from memory that threads may share. So what a problem holds does not grow with
 * the number of its samples.
 */
export class SampleWindow {
  /** Address of the first block. */
  readonly at: number;
  /** Blocks that there is room for. */
  readonly blocks: number;
  readonly #machine: Machine;
  readonly #precision: Precision;
  /** Bytes of one block. */
  readonly #blockBytes: number;
  /** All blocks, unless they stand in the window. */
  readonly #packed: Numbers | undefined;
  /** The block that stands at `at`, or −1. */
  #first = -1;
  /** The block that a pass begins at. */
  #from = 0;

  /** Takes samples that are packed already where they are of this precision, else packs them. */
  constructor(machine: Machine, precision: Precision, samples: Samples, inputs: number, outputs: number) {
    const { count, packed } = samples;
    this.#machine = machine;
    this.#precision = precision;
    this.#blockBytes = packedBytes(precision, 1, inputs, outputs);
    const total = Math.ceil(count / samplesPerBlock[precision]);
    const bytes = total * this.#blockBytes;
    const { resident, streamed } = machine.windowSizes;
    const most = bytes <= resident ? total : Math.min(total, Math.floor(streamed / this.#blockBytes));
    this.blocks = Math.max(1, most);
    this.at = machine.arena.allocate(this.blocks * this.#blockBytes);
    const Type = precision === 'float32' ? Float32Array : Float64Array;
    if (packed instanceof Type) {
      if (packed.byteLength !== bytes) throw new Error('the packed samples are those of another problem');
      this.#packed = packed;
      return;
    }
    const isWhole = total <= this.blocks;
    const to = isWhole ? this.#numbers(bytes).fill(0) : new Type(bytes / Type.BYTES_PER_ELEMENT);
    packBlocks(to, samples, inputs, outputs);
    if (isWhole) this.#first = 0;
    else this.#packed = to;
  }

  /** Has the next passes begin at block `from`; returns the address of the first block that they see. */
  beginAt(from: number): number {
    if (this.#packed === undefined) return this.at + from * this.#blockBytes;
    this.#from = from;
    return this.at;
  }

  /** Has block `index` of a pass stand in the window, and those behind it that there is room for. */
  fill(index: number): void {
    const first = this.#from + index;
    if (first === this.#first || this.#packed === undefined) return;
    const length = this.#blockBytes / this.#packed.BYTES_PER_ELEMENT;
    const blocks = this.#packed.subarray(first * length, (first + this.blocks) * length);
    this.#numbers(blocks.byteLength).set(blocks);
    this.#first = first;
  }

  release(): void {
    this.#machine.arena.release(this.at);
  }

  /** The first `bytes` bytes of the window. */
  #numbers(bytes: number): Numbers {
    const { f32, f64 } = this.#machine.arena;
    const all = this.#precision === 'float32' ? f32 : f64;
    const from = this.at / all.BYTES_PER_ELEMENT;
    return all.subarray(from, from + bytes / all.BYTES_PER_ELEMENT);
  }
}
