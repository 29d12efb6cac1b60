import { type Block, type DeepShape, deepBlocks } from '../network/deep.js';
import { besideEachOther, hiddenFeatures } from '../network/deep-features.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import type { Dataset } from '../records.js';

/** What was read behind a first layer of `count` neurons: vectors over those, and over these again. */
interface ReadBehind {
  readonly behind: Float64Array;
  readonly count: number;
  readonly third?: Float64Array;
}

/** Puts vectors over the first `count` of what a layer sees in place of its first neurons. */
function place(start: Float64Array, { at, columns }: Block, vectors: Float64Array, count: number): void {
  for (let from = 0, j = 0; from < vectors.length; from += count + 1, j++) {
    const row = start.subarray(at + j * columns, at + (j + 1) * columns).fill(0);
    row.set(vectors.subarray(from, from + count));
    row[columns - 1] = vectors[from + count];
  }
}

/** A start with the second layer's neurons in place, and the output weights that are best for it. */
export function withBehind(
  shape: DeepShape,
  start: Float64Array,
  { behind, count, third }: ReadBehind,
  dataset: Dataset,
): Float64Array {
  const blocks = deepBlocks(shape);
  place(start, blocks[1], behind, count);
  if (third !== undefined) place(start, blocks[2], third, behind.length / (count + 1));
  const last = blocks[blocks.length - 1];
  const values = hiddenFeatures({ shape, parameters: start }, dataset, shape.widths.length - 1);
  const constant = { values: new Float64Array(dataset.count).fill(1), width: 1 };
  const features = besideEachOther({ values, width: last.columns - 1 }, constant, dataset.count).values;
  const { coefficients } = solveLeastSquares(
    features,
    dataset.outputs,
    dataset.count,
    last.columns,
    last.rows,
    1e-8,
  );
  for (let k = 0; k < last.columns; k++) {
    for (let i = 0; i < last.rows; i++)
      start[last.at + i * last.columns + k] = coefficients[k * last.rows + i];
  }
  return start;
}
