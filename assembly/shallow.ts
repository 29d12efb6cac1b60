import { activate } from './activations';
import { dots, sumDots } from './dots-tile';
import { BLOCK, madd, multiplyRows, paddedFor, STRIDE, sumOfLanes, tileColumns } from './lanes';
import { product } from './product-tile';
import { blockAt } from './samples';
import { activateSingles } from './single-activations';
import { packRows, packSingles, updateColumns } from './update-tile';

// The passes are for numbers of either type: float64, and float32 in blocks of twice as many samples (single.ts).

/** From this many rows of x̃ on, the gradient of W is a packed product; below, inner products are faster. */
export const PACK_FROM = 7;

/** A least-squares problem of a shallow network; src/kernels/wasm-shallow.ts writes the fields in this order. */
@unmanaged
export class Shallow {
  slope: f64;
  activation: i32;
  count: i32;
  /** d + 1 */
  features: i32;
  /** m */
  hidden: i32;
  /** o */
  outputs: i32;
  /** e: 1, or d + 1 with a skip path */
  extra: i32;
  /** A window of the samples' blocks, see samples.ts. */
  window: usize;
  /** Blocks in the window. */
  windowBlocks: i32;
  /** W (m × (d+1)), then A (o × (m+e)). */
  parameters: usize;
  /** Jᵀr or the gradient, as the parameters. */
  gradient: usize;
  /** The normal matrix in panels (see panels.ts). */
  normal: usize;
}

/** Where a pass keeps its rows: one block's worth of each. */
@unmanaged
export class Rows {
  /** [σ(W·x̃); e] (m + e) */
  features: usize;
  /** σ′(W·x̃) (m, and those that fill a tile) */
  slopes: usize;
  /** r (o) */
  residuals: usize;
  /** ∂(½r²)/∂z (m, and those that fill a tile) */
  deltas: usize;
  /** The packed deltas */
  packed: usize;
  /** What `backward` adds up over the blocks */
  sums: usize;
}

/** Parameters of a problem. */
export function parameterCount(problem: Shallow): i32 {
  return problem.hidden * problem.features + problem.outputs * (problem.hidden + problem.extra);
}

/** Samples of a block. */
@inline
export function blockSamples<T>(): i32 {
  return (BLOCK * 8) / sizeof<T>();
}

/** Number of blocks of a problem. */
export function blockCount<T>(count: i32): i32 {
  return (count + blockSamples<T>() - 1) / blockSamples<T>();
}

/** Bytes of a row that hold samples in block `index`: the last block is cut to whole tiles. */
export function rowBytes<T>(count: i32, index: i32): usize {
  return sizeof<T>() * paddedFor<T>(min(blockSamples<T>(), count - index * blockSamples<T>()));
}

/** Where x̃ of block `index` stands; −y is behind it. */
export function samplesAt(problem: Shallow, index: i32): usize {
  const rows = problem.features + problem.outputs;
  return blockAt(changetype<usize>(problem), problem.window, problem.windowBlocks, rows, index);
}

/**
 * Forward pass of one block, whose samples are at `x`, with the `parameters` as numbers of type T: fills features, slopes and residuals, returns Σr². Beyond the last sample x̃ = 0 and
 * y = 0; with the features set to zero there, nothing that follows gets a contribution from the padding.
 */
export function forward<T>(
  problem: Shallow,
  parameters: usize,
  rows: Rows,
  x: usize,
  index: i32,
  bytes: usize,
): f64 {
  const size = <i32>sizeof<T>();
  const m = problem.hidden;
  const d1 = problem.features;
  const o = problem.outputs;
  const e = problem.extra;
  product<T>(m, d1, parameters, size * d1, size, x, 0, rows.features, bytes);
  if (size === 8) activate(problem.activation, problem.slope, rows.features, rows.slopes, m, bytes);
  else activateSingles(problem.activation, problem.slope, rows.features, rows.slopes, m, bytes);
  const left = size * (problem.count - index * blockSamples<T>());
  if (left < <i32>bytes) {
    for (let j = 0; j < m; j++) memory.fill(rows.features + j * STRIDE + left, 0, bytes - left);
  }
  const extra = rows.features + m * STRIDE;
  memory.copy(extra, x + (d1 - e) * STRIDE, e * STRIDE);
  const a = parameters + size * m * d1;
  product<T>(o, m + e, a, size * (m + e), size, rows.features, x + d1 * STRIDE, rows.residuals, bytes);
  return sumOfSquares<T>(rows.residuals, o, bytes);
}

/** Σr² over rows of a block, added up in float64. */
function sumOfSquares<T>(residuals: usize, rows: i32, bytes: usize): f64 {
  let sum = f64x2.splat(0);
  for (let i = 0; i < rows; i++) {
    let r = residuals + i * STRIDE;
    const end = r + bytes;
    if (sizeof<T>() === 8) {
      for (; r < end; r += 16) {
        const value = v128.load(r);
        sum = madd(value, value, sum);
      }
    } else {
      for (; r < end; r += 8) {
        const value = f64x2.promote_low_f32x4(v128.load64_zero(r));
        sum = f64x2.add(sum, f64x2.mul(value, value));
      }
    }
  }
  return sumOfLanes(sum);
}

/** Clears the sums of `backward`. */
export function startBackward<T>(problem: Shallow, rows: Rows): void {
  memory.fill(rows.sums, 0, sumBytes<T>(problem));
}

/** Bytes of the sums: first ∂/∂A, then ∂/∂W, in lanes or packed. */
export function sumBytes<T>(problem: Shallow): usize {
  const m = problem.hidden;
  const d1 = problem.features;
  return 16 * problem.outputs * (m + problem.extra) + (d1 < PACK_FROM ? 16 * m * d1 : <i32>sizeof<T>() * paddedFor<T>(m) * d1);
}

/** Adds one block's share of Jᵀr to the gradient. */
export function backward<T>(problem: Shallow, parameters: usize, rows: Rows, x: usize, bytes: usize): void {
  const size = <i32>sizeof<T>();
  const m = problem.hidden;
  const d1 = problem.features;
  const o = problem.outputs;
  const width = m + problem.extra;
  const a = parameters + size * m * d1;
  dots<T>(o, width, rows.residuals, rows.features, rows.sums, bytes);
  product<T>(m, o, a, size, size * width, rows.residuals, 0, rows.deltas, bytes);
  for (let j = 0; j < m; j++) {
    const delta = rows.deltas + j * STRIDE;
    multiplyRows<T>(delta, rows.slopes + j * STRIDE, delta, bytes);
  }
  const hiddenSums = rows.sums + 16 * o * width;
  if (d1 < PACK_FROM) {
    dots<T>(m, d1, rows.deltas, x, hiddenSums, bytes);
    return;
  }
  const samples = <i32>bytes / size;
  const columns = tileColumns<T>();
  if (size === 8) packRows(rows.deltas, paddedFor<T>(m), samples, rows.packed, false);
  else packSingles(rows.deltas, STRIDE, paddedFor<T>(m), samples, rows.packed);
  // 30 rows of x̃ at a time, whole tiles, stay in the first-level cache while the packed deltas stream by
  for (let k = 0; k < d1; k += 30) {
    const count = min(30, d1 - k);
    for (let j = 0; j < m; j += columns) {
      const sums = hiddenSums + size * (j * d1 + columns * k);
      updateColumns<T>(count, x + k * STRIDE, rows.packed + j * bytes, sums, 32, samples);
    }
  }
}

/** Brings the sums of `backward` to the gradient. */
export function finishBackward(problem: Shallow, rows: Rows): void {
  const m = problem.hidden;
  const d1 = problem.features;
  const outgoing = problem.outputs * (m + problem.extra);
  sumDots(rows.sums, outgoing, problem.gradient + 8 * m * d1);
  const sums = rows.sums + 16 * outgoing;
  if (d1 < PACK_FROM) {
    sumDots(sums, m * d1, problem.gradient);
    return;
  }
  for (let j = 0; j < m; j++) {
    const from = sums + 8 * ((j & ~3) * d1 + (j & 3));
    const to = problem.gradient + 8 * j * d1;
    for (let k = 0; k < d1; k++) store<f64>(to + 8 * k, load<f64>(from + 32 * k));
  }
}

const gradientRows = memory.data(offsetof<Rows>());

/** Places the rows of a gradient pass from `at` on; returns the end. */
export function placeRows<T>(problem: Shallow, rows: Rows, at: usize): usize {
  const m = paddedFor<T>(problem.hidden);
  rows.features = at;
  rows.slopes = rows.features + (problem.hidden + problem.extra) * STRIDE;
  rows.deltas = rows.slopes + m * STRIDE;
  rows.residuals = rows.deltas + m * STRIDE;
  rows.packed = rows.residuals + problem.outputs * STRIDE;
  rows.sums = rows.packed + m * BLOCK * 8;
  return rows.sums + sumBytes<T>(problem);
}

/** Bytes of scratch that `loss` and `lossAndGradient` need. */
export function gradientScratch(problem: Shallow): usize {
  return placeRows<f64>(problem, changetype<Rows>(gradientRows), 0);
}

/** Mean squared residual. */
export function loss(problem: Shallow, scratch: usize): f64 {
  const rows = changetype<Rows>(gradientRows);
  placeRows<f64>(problem, rows, scratch);
  let sum: f64 = 0;
  const blocks = blockCount<f64>(problem.count);
  for (let index = 0; index < blocks; index++) {
    const bytes = rowBytes<f64>(problem.count, index);
    sum += forward<f64>(problem, problem.parameters, rows, samplesAt(problem, index), index, bytes);
  }
  return sum / (<f64>problem.count * problem.outputs);
}

/** Mean squared residual; writes its gradient. */
export function lossAndGradient(problem: Shallow, scratch: usize): f64 {
  const rows = changetype<Rows>(gradientRows);
  placeRows<f64>(problem, rows, scratch);
  startBackward<f64>(problem, rows);
  let sum: f64 = 0;
  const blocks = blockCount<f64>(problem.count);
  for (let index = 0; index < blocks; index++) {
    const bytes = rowBytes<f64>(problem.count, index);
    const x = samplesAt(problem, index);
    sum += forward<f64>(problem, problem.parameters, rows, x, index, bytes);
    backward<f64>(problem, problem.parameters, rows, x, bytes);
  }
  finishBackward(problem, rows);
  return meanOf(problem, sum);
}

/** The mean of Σr², and with Jᵀr in the gradient that of the mean. */
export function meanOf(problem: Shallow, sum: f64): f64 {
  const residuals = <f64>problem.count * problem.outputs;
  const end = problem.gradient + 8 * parameterCount(problem);
  const factor = 2 / residuals;
  for (let at = problem.gradient; at < end; at += 8) store<f64>(at, factor * load<f64>(at));
  return sum / residuals;
}
