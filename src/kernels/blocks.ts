/** Samples per block: `BLOCK` of assembly/lanes.ts. */
export const BLOCK = 128;

/** Doubles per row of a block: `STRIDE` of assembly/lanes.ts. */
export const STRIDE = 136;

/** Bytes of `count` samples of `rows` numbers in blocks. */
export function blockBytes(count: number, rows: number): number {
  return Math.ceil(count / BLOCK) * rows * STRIDE * 8;
}

/**
 * Writes samples (count × width, row-major) times `sign` to the first rows of blocks of `rows` rows,
 * [block][row][sample]. `index` is that of the blocks' first double.
 */
export function packSamples(
  f64: Float64Array,
  index: number,
  rows: number,
  values: Float64Array,
  count: number,
  width: number,
  sign: 1 | -1,
): void {
  for (let n = 0; n < count; n++) {
    let to = index + Math.floor(n / BLOCK) * rows * STRIDE + (n % BLOCK);
    for (let k = 0; k < width; k++, to += STRIDE) f64[to] = sign * values[n * width + k];
  }
}

/** Writes `value` to row `row` of every block, for the samples that there are. */
export function fillRow(
  f64: Float64Array,
  index: number,
  rows: number,
  row: number,
  count: number,
  value: number,
): void {
  for (let first = 0; first < count; first += BLOCK) {
    const at = index + ((first / BLOCK) * rows + row) * STRIDE;
    f64.fill(value, at, at + Math.min(BLOCK, count - first));
  }
}
