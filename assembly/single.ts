import { addSingleDots } from './dots-tile';
import { paddedFor } from './lanes';
import {
  backward,
  blockCount,
  forward,
  meanOf,
  PACK_FROM,
  parameterCount,
  placeRows,
  Rows,
  rowBytes,
  Shallow,
  samplesAt,
  startBackward,
} from './shallow';

// The passes of shallow.ts in float32: 256 samples a block, in rows of as many bytes. x̃ and −y are float32,
// the parameters and the gradient stay float64. Sums go to float64 every few blocks, so that their error does not grow
// with the number of samples.

/** Blocks whose sums stay in float32. */
const FLUSH = 16;

const singleRows = memory.data(offsetof<Rows>());

/** The parameters in float32. */
let weights: usize = 0;

function placeSingles(problem: Shallow, rows: Rows, at: usize): usize {
  weights = placeRows<f32>(problem, rows, at);
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
  memory.fill(sums, 0, 4 * paddedFor<f32>(m) * d1);
}

/** Mean squared residual in float32. */
export function singleLoss(problem: Shallow, scratch: usize): f64 {
  const rows = changetype<Rows>(singleRows);
  placeSingles(problem, rows, scratch);
  copyWeights(problem);
  let sum: f64 = 0;
  const blocks = blockCount<f32>(problem.count);
  for (let index = 0; index < blocks; index++) {
    const bytes = rowBytes<f32>(problem.count, index);
    sum += forward<f32>(problem, weights, rows, samplesAt(problem, index), index, bytes);
  }
  return sum / (<f64>problem.count * problem.outputs);
}

/** Mean squared residual in float32; writes its gradient. */
export function singleGradient(problem: Shallow, scratch: usize): f64 {
  const rows = changetype<Rows>(singleRows);
  placeSingles(problem, rows, scratch);
  copyWeights(problem);
  memory.fill(problem.gradient, 0, 8 * parameterCount(problem));
  startBackward<f32>(problem, rows);
  let sum: f64 = 0;
  const blocks = blockCount<f32>(problem.count);
  for (let index = 0; index < blocks; index++) {
    const bytes = rowBytes<f32>(problem.count, index);
    const x = samplesAt(problem, index);
    sum += forward<f32>(problem, weights, rows, x, index, bytes);
    backward<f32>(problem, weights, rows, x, bytes);
    if (index % FLUSH === FLUSH - 1 || index === blocks - 1) flushSums(problem, rows);
  }
  return meanOf(problem, sum);
}
