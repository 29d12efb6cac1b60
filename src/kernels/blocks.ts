import type { Precision, Samples } from './kernels.js';

/** Samples per block: `BLOCK` of assembly/lanes.ts. Numbers in float32 are twice as many a block. */
export const BLOCK = 128;

/** Doubles per row of a block: `STRIDE` of assembly/lanes.ts. */
export const STRIDE = 136;

/** Numbers in blocks, in memory of any kind. */
export type Numbers = Float64Array | Float32Array;

/** Bytes of `count` samples of `rows` numbers in blocks. */
export function blockBytes(count: number, rows: number): number {
  return Math.ceil(count / BLOCK) * rows * STRIDE * 8;
}

/** Samples per block, and numbers from one row of a block to the next. */
function blockShape({ BYTES_PER_ELEMENT: bytes }: Numbers) {
  return { block: (BLOCK * 8) / bytes, stride: (STRIDE * 8) / bytes };
}

/**
 * Writes samples (count × width, row-major) times `sign` to the first rows of blocks of `rows` rows,
 * [block][row][sample]. `index` is that of the blocks' first number.
 */
export function packSamples(
  to: Numbers,
  index: number,
  rows: number,
  values: Float64Array,
  count: number,
  width: number,
  sign: 1 | -1,
): void {
  const { block, stride } = blockShape(to);
  for (let n = 0; n < count; n++) {
    let at = index + Math.floor(n / block) * rows * stride + (n % block);
    for (let k = 0; k < width; k++, at += stride) to[at] = sign * values[n * width + k];
  }
}

/** Writes 1 to row `row` of every block, for the samples that there are. */
export function fillWithOnes(to: Numbers, index: number, rows: number, row: number, count: number): void {
  const { block, stride } = blockShape(to);
  for (let first = 0; first < count; first += block) {
    const at = index + ((first / block) * rows + row) * stride;
    to.fill(1, at, at + Math.min(block, count - first));
  }
}

/** Rows of a block of samples: x̃, then −y. */
export const rowsOf = (inputs: number, outputs: number) => inputs + 1 + outputs;

/** Bytes of packed samples. */
export function packedBytes(precision: Precision, count: number, inputs: number, outputs: number): number {
  return Math.ceil(count / samplesPerBlock[precision]) * rowsOf(inputs, outputs) * STRIDE * 8;
}

/** Samples per block of packed samples. */
export const samplesPerBlock: Readonly<Record<Precision, number>> = { float64: BLOCK, float32: 2 * BLOCK };

/**
 * Writes samples as the kernels read them, [block][x̃, then −y][sample] (assembly/samples.ts), to `packedBytes` bytes of
 * zeros.
 */
export function packBlocks(to: Numbers, samples: Samples, inputs: number, outputs: number): void {
  const { count } = samples;
  const rows = rowsOf(inputs, outputs);
  const { stride } = blockShape(to);
  packSamples(to, 0, rows, samples.inputs, count, inputs, 1);
  fillWithOnes(to, 0, rows, inputs, count);
  packSamples(to, (inputs + 1) * stride, rows, samples.outputs, count, outputs, -1);
}
