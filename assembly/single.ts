import { addSingleDots, dots } from './dots-tile';
import { STRIDE } from './lanes';
import { product } from './product-tile';
import { parameterCount, Rows, Shallow, samplesAt } from './shallow';
import { activateSingles } from './single-activations';
import { packSingles, updateColumns } from './update-tile';

// shallow.ts in float32: 256 samples a block, in rows of as many bytes. x̃ and −y are float32,
// the parameters and the gradient stay float64. Sums go to float64 every few blocks, so that their error does not grow
// with the number of samples.

/** Samples per block. */
const BLOCK = 256;

/** Blocks whose sums stay in float32. */
const FLUSH = 16;

/** From this many rows of x̃ on, the gradient of W is a packed product; below, inner products are faster. */
const PACK_FROM = 7;

const singleRows = memory.data(offsetof<Rows>());

/** The parameters in float32. */
let weights: usize = 0;

@inline
function paddedSingles(n: i32): i32 {
  return (n + 7) & ~7;
}

/** Number of blocks. */
function blocksOf(problem: Shallow): i32 {
  return (problem.count + BLOCK - 1) / BLOCK;
}

/** Bytes of a row that hold samples in block `index`: the last block is cut to a multiple of eight samples. */
function singleRowBytes(count: i32, index: i32): usize {
  return 4 * paddedSingles(min(BLOCK, count - index * BLOCK));
}

/** Bytes of the sums: first ∂/∂A, then ∂/∂W, in lanes or packed. */
function singleSumBytes(problem: Shallow): usize {
  const m = problem.hidden;
  const d1 = problem.features;
  return 16 * problem.outputs * (m + problem.extra) + (d1 < PACK_FROM ? 16 * m * d1 : 4 * paddedSingles(m) * d1);
}

function placeSingles(problem: Shallow, rows: Rows, at: usize): usize {
  const m = paddedSingles(problem.hidden);
  rows.features = at;
  rows.slopes = rows.features + (problem.hidden + problem.extra) * STRIDE;
  rows.deltas = rows.slopes + m * STRIDE;
  rows.residuals = rows.deltas + m * STRIDE;
  rows.packed = rows.residuals + problem.outputs * STRIDE;
  rows.sums = rows.packed + m * BLOCK * 4;
  weights = rows.sums + singleSumBytes(problem);
  return weights + 4 * parameterCount(problem);
}

/** Bytes of scratch that `singleLoss` and `singleGradient` need. */
export function singleScratch(problem: Shallow): usize {
  return placeSingles(problem, changetype<Rows>(singleRows), 0);
}

function copyWeights(problem: Shallow): void {
  const count = parameterCount(problem);
  for (let i = 0; i < count; i++) {
    store<f32>(weights + 4 * i, <f32>load<f64>(problem.parameters + 8 * i));
  }
}

function singleForward(problem: Shallow, rows: Rows, x: usize, index: i32, bytes: usize): f64 {
  const m = problem.hidden;
  const d1 = problem.features;
  const o = problem.outputs;
  const e = problem.extra;
  product<f32>(m, d1, weights, 4 * d1, 4, x, 0, rows.features, bytes);
  activateSingles(problem.activation, problem.slope, rows.features, rows.slopes, m, bytes);
  const left = 4 * (problem.count - index * BLOCK);
  if (left < <i32>bytes) {
    for (let j = 0; j < m; j++) memory.fill(rows.features + j * STRIDE + left, 0, bytes - left);
  }
  memory.copy(rows.features + m * STRIDE, x + (d1 - e) * STRIDE, e * STRIDE);
  const a = weights + 4 * m * d1;
  product<f32>(o, m + e, a, 4 * (m + e), 4, rows.features, x + d1 * STRIDE, rows.residuals, bytes);
  let sum = f64x2.splat(0);
  for (let i = 0; i < o; i++) {
    let r = rows.residuals + i * STRIDE;
    for (const end = r + bytes; r < end; r += 8) {
      const value = f64x2.promote_low_f32x4(v128.load64_zero(r));
      sum = f64x2.add(sum, f64x2.mul(value, value));
    }
  }
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

function singleBackward(problem: Shallow, rows: Rows, x: usize, bytes: usize): void {
  const m = problem.hidden;
  const d1 = problem.features;
  const o = problem.outputs;
  const width = m + problem.extra;
  const a = weights + 4 * m * d1;
  dots<f32>(o, width, rows.residuals, rows.features, rows.sums, bytes);
  product<f32>(m, o, a, 4, 4 * width, rows.residuals, 0, rows.deltas, bytes);
  for (let j = 0; j < m; j++) {
    const delta = rows.deltas + j * STRIDE;
    const slope = rows.slopes + j * STRIDE;
    for (let at: usize = 0; at < bytes; at += 16) {
      v128.store(delta + at, f32x4.mul(v128.load(delta + at), v128.load(slope + at)));
    }
  }
  const hiddenSums = rows.sums + 16 * o * width;
  if (d1 < PACK_FROM) {
    dots<f32>(m, d1, rows.deltas, x, hiddenSums, bytes);
    return;
  }
  const samples = <i32>(bytes >> 2);
  packSingles(rows.deltas, STRIDE, paddedSingles(m), samples, rows.packed);
  // 30 rows of x̃ at a time, whole tiles, stay in the first-level cache while the packed deltas stream by
  for (let k = 0; k < d1; k += 30) {
    const count = min(30, d1 - k);
    for (let j = 0; j < m; j += 8) {
      const sums = hiddenSums + 4 * (j * d1 + 8 * k);
      updateColumns<f32>(count, x + k * STRIDE, rows.packed + j * bytes, sums, 32, samples);
    }
  }
}

/** Adds the sums to the gradient, and clears them. */
function flushSums(problem: Shallow, rows: Rows): void {
  const m = problem.hidden;
  const d1 = problem.features;
  const outgoing = problem.outputs * (m + problem.extra);
  addSingleDots(rows.sums, outgoing, problem.gradient + 8 * m * d1);
  const sums = rows.sums + 16 * outgoing;
  if (d1 < PACK_FROM) {
    addSingleDots(sums, m * d1, problem.gradient);
    return;
  }
  for (let j = 0; j < m; j++) {
    const from = sums + 4 * ((j & ~7) * d1 + (j & 7));
    const to = problem.gradient + 8 * j * d1;
    for (let k = 0; k < d1; k++) {
      store<f64>(to + 8 * k, load<f64>(to + 8 * k) + <f64>load<f32>(from + 32 * k));
    }
  }
  memory.fill(sums, 0, 4 * paddedSingles(m) * d1);
}

/** Mean squared residual in float32. */
export function singleLoss(problem: Shallow, scratch: usize): f64 {
  const rows = changetype<Rows>(singleRows);
  placeSingles(problem, rows, scratch);
  copyWeights(problem);
  let sum: f64 = 0;
  const blocks = blocksOf(problem);
  for (let index = 0; index < blocks; index++) {
    const bytes = singleRowBytes(problem.count, index);
    sum += singleForward(problem, rows, samplesAt(problem, index), index, bytes);
  }
  return sum / (<f64>problem.count * problem.outputs);
}

/** Mean squared residual in float32; writes its gradient. */
export function singleGradient(problem: Shallow, scratch: usize): f64 {
  const rows = changetype<Rows>(singleRows);
  placeSingles(problem, rows, scratch);
  copyWeights(problem);
  const parameters = parameterCount(problem);
  memory.fill(problem.gradient, 0, 8 * parameters);
  memory.fill(rows.sums, 0, singleSumBytes(problem));
  let sum: f64 = 0;
  const blocks = blocksOf(problem);
  for (let index = 0; index < blocks; index++) {
    const bytes = singleRowBytes(problem.count, index);
    const x = samplesAt(problem, index);
    sum += singleForward(problem, rows, x, index, bytes);
    singleBackward(problem, rows, x, bytes);
    if (index % FLUSH === FLUSH - 1 || index === blocks - 1) flushSums(problem, rows);
  }
  const residuals = <f64>problem.count * problem.outputs;
  const end = problem.gradient + 8 * parameters;
  const factor = 2 / residuals;
  for (let at = problem.gradient; at < end; at += 8) store<f64>(at, factor * load<f64>(at));
  return sum / residuals;
}
