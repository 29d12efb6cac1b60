import { activate } from './activations';
import { dots, sumDots } from './dots-tile';
import { BLOCK, madd, multiplyRows, padded, STRIDE, sumOfLanes } from './lanes';
import { product } from './product-tile';
import { blockAt } from './samples';
import { packRows, updateColumns } from './update-tile';

/** From this many rows of x̃ on, the gradient of W is a packed product; below, inner products are faster. */
const PACK_FROM = 7;

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
  /** σ′(W·x̃) (m, and up to 3 unused) */
  slopes: usize;
  /** r (o) */
  residuals: usize;
  /** ∂(½r²)/∂z (m, and up to 3 unused) */
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

/** Number of blocks of a problem. */
export function blockCount(count: i32): i32 {
  return (count + BLOCK - 1) / BLOCK;
}

/** Bytes of a row that hold samples in block `index`: the last block is cut to a multiple of four samples. */
export function rowBytes(count: i32, index: i32): usize {
  return 8 * padded(min(BLOCK, count - index * BLOCK));
}

/** Where x̃ of block `index` stands; −y is behind it. */
export function samplesAt(problem: Shallow, index: i32): usize {
  const rows = problem.features + problem.outputs;
  return blockAt(changetype<usize>(problem), problem.window, problem.windowBlocks, rows, index);
}

/**
 * Forward pass of one block, whose samples are at `x`: fills features, slopes and residuals, returns Σr². Beyond the last sample x̃ = 0 and
 * y = 0; with the features set to zero there, nothing that follows gets a contribution from the padding.
 */
export function forward(problem: Shallow, rows: Rows, x: usize, index: i32, bytes: usize): f64 {
  const m = problem.hidden;
  const d1 = problem.features;
  const o = problem.outputs;
  const e = problem.extra;
  product<f64>(m, d1, problem.parameters, 8 * d1, 8, x, 0, rows.features, bytes);
  activate(problem.activation, problem.slope, rows.features, rows.slopes, m, bytes);
  const left = problem.count - index * BLOCK;
  if (8 * left < <i32>bytes) {
    for (let j = 0; j < m; j++) memory.fill(rows.features + j * STRIDE + 8 * left, 0, bytes - 8 * left);
  }
  const extra = rows.features + m * STRIDE;
  memory.copy(extra, x + (d1 - e) * STRIDE, e * STRIDE);
  const a = problem.parameters + 8 * m * d1;
  product<f64>(o, m + e, a, 8 * (m + e), 8, rows.features, x + d1 * STRIDE, rows.residuals, bytes);
  let sum = f64x2.splat(0);
  for (let i = 0; i < o; i++) {
    let r = rows.residuals + i * STRIDE;
    for (const end = r + bytes; r < end; r += 16) {
      const value = v128.load(r);
      sum = madd(value, value, sum);
    }
  }
  return sumOfLanes(sum);
}

/** Clears the sums of `backward`. */
export function startBackward(problem: Shallow, rows: Rows): void {
  memory.fill(rows.sums, 0, sumBytes(problem));
}

/** Bytes of the sums: first ∂/∂A, then ∂/∂W, in lanes or packed. */
export function sumBytes(problem: Shallow): usize {
  const m = problem.hidden;
  const d1 = problem.features;
  return 16 * problem.outputs * (m + problem.extra) + (d1 < PACK_FROM ? 16 * m * d1 : 8 * padded(m) * d1);
}

/** Adds one block's share of Jᵀr to the gradient. */
export function backward(problem: Shallow, rows: Rows, x: usize, bytes: usize): void {
  const m = problem.hidden;
  const d1 = problem.features;
  const o = problem.outputs;
  const width = m + problem.extra;
  const a = problem.parameters + 8 * m * d1;
  dots<f64>(o, width, rows.residuals, rows.features, rows.sums, bytes);
  product<f64>(m, o, a, 8, 8 * width, rows.residuals, 0, rows.deltas, bytes);
  for (let j = 0; j < m; j++) {
    const delta = rows.deltas + j * STRIDE;
    multiplyRows(delta, rows.slopes + j * STRIDE, delta, bytes);
  }
  const hiddenSums = rows.sums + 16 * o * width;
  if (d1 < PACK_FROM) {
    dots<f64>(m, d1, rows.deltas, x, hiddenSums, bytes);
    return;
  }
  const samples = <i32>(bytes >> 3);
  packRows(rows.deltas, padded(m), samples, rows.packed, false);
  // 30 rows of x̃ at a time, whole tiles, stay in the first-level cache while the packed deltas stream by
  for (let k = 0; k < d1; k += 30) {
    const count = min(30, d1 - k);
    for (let j = 0; j < m; j += 4) {
      const sums = hiddenSums + 8 * (j * d1 + 4 * k);
      updateColumns<f64>(count, x + k * STRIDE, rows.packed + j * bytes, sums, 32, samples);
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
function placeRows(problem: Shallow, rows: Rows, at: usize): usize {
  const m = padded(problem.hidden);
  rows.features = at;
  rows.slopes = rows.features + (problem.hidden + problem.extra) * STRIDE;
  rows.deltas = rows.slopes + m * STRIDE;
  rows.residuals = rows.deltas + m * STRIDE;
  rows.packed = rows.residuals + problem.outputs * STRIDE;
  rows.sums = rows.packed + m * BLOCK * 8;
  return rows.sums + sumBytes(problem);
}

/** Bytes of scratch that `loss` and `lossAndGradient` need. */
export function gradientScratch(problem: Shallow): usize {
  return placeRows(problem, changetype<Rows>(gradientRows), 0);
}

/** Mean squared residual. */
export function loss(problem: Shallow, scratch: usize): f64 {
  const rows = changetype<Rows>(gradientRows);
  placeRows(problem, rows, scratch);
  let sum: f64 = 0;
  const blocks = blockCount(problem.count);
  for (let index = 0; index < blocks; index++) {
    sum += forward(problem, rows, samplesAt(problem, index), index, rowBytes(problem.count, index));
  }
  return sum / (<f64>problem.count * problem.outputs);
}

/** Mean squared residual; writes its gradient. */
export function lossAndGradient(problem: Shallow, scratch: usize): f64 {
  const rows = changetype<Rows>(gradientRows);
  placeRows(problem, rows, scratch);
  startBackward(problem, rows);
  let sum: f64 = 0;
  const blocks = blockCount(problem.count);
  for (let index = 0; index < blocks; index++) {
    const bytes = rowBytes(problem.count, index);
    const x = samplesAt(problem, index);
    sum += forward(problem, rows, x, index, bytes);
    backward(problem, rows, x, bytes);
  }
  finishBackward(problem, rows);
  const residuals = <f64>problem.count * problem.outputs;
  const end = problem.gradient + 8 * parameterCount(problem);
  const factor = 2 / residuals;
  for (let at = problem.gradient; at < end; at += 8) store<f64>(at, factor * load<f64>(at));
  return sum / residuals;
}
