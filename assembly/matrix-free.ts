import { multiplyRows, padded, STRIDE, BLOCK } from './lanes';
import { closePadding, panelBytes, updatePanels } from './panels';
import { product } from './product-tile';
import {
  backward,
  blockCount,
  finishBackward,
  forward,
  Rows,
  rowBytes,
  samplesAt,
  Shallow,
  startBackward,
  sumBytes,
} from './shallow';
import { packRows } from './update-tile';

// Products with JᵀJ without that matrix: what the neurons give and their slopes are kept for all samples, [block][row],
// so that a product is a pass forward with a direction in place of the weights, and one back.

/** Rows that are kept of each block: [σ; e] (m + e), then σ′ (m, and up to 3 unused). */
function storedRows(problem: Shallow): i32 {
  return problem.hidden + problem.extra + padded(problem.hidden);
}

/** Bytes that are kept of all blocks. */
export function storeBytes(problem: Shallow): usize {
  return <usize>blockCount<f64>(problem.count) * storedRows(problem) * STRIDE;
}

const rowsOfPass = memory.data(offsetof<Rows>());

// Rows of the normal matrix of one neuron or of the outputs for one block, and the same packed.
let stacked: usize = 0;
let packedStack: usize = 0;

/** Places what a pass needs beside what is kept, from `at` on; returns the end. */
function placePass(problem: Shallow, rows: Rows, at: usize): usize {
  const m = padded(problem.hidden);
  const order = padded(max(problem.features, problem.hidden + problem.extra));
  rows.deltas = at;
  rows.residuals = rows.deltas + m * STRIDE;
  rows.packed = rows.residuals + problem.outputs * STRIDE;
  rows.sums = rows.packed + m * BLOCK * 8;
  stacked = rows.sums + sumBytes<f64>(problem);
  packedStack = stacked + order * STRIDE;
  return packedStack + order * BLOCK * 8;
}

/** Bytes of scratch that every function here needs. */
export function matrixFreeScratch(problem: Shallow): usize {
  return placePass(problem, changetype<Rows>(rowsOfPass), 0);
}

/** Has the rows stand where block `index` is kept. */
@inline
function enter(problem: Shallow, rows: Rows, kept: usize, index: i32): void {
  rows.features = kept + <usize>index * storedRows(problem) * STRIDE;
  rows.slopes = rows.features + (problem.hidden + problem.extra) * STRIDE;
}

/** Mean squared residual; writes Jᵀr and keeps what the products need at `kept`. */
export function keepPass(problem: Shallow, scratch: usize, kept: usize): f64 {
  const rows = changetype<Rows>(rowsOfPass);
  placePass(problem, rows, scratch);
  startBackward<f64>(problem, rows);
  let sum: f64 = 0;
  const blocks = blockCount<f64>(problem.count);
  for (let index = 0; index < blocks; index++) {
    const bytes = rowBytes<f64>(problem.count, index);
    const x = samplesAt(problem, index);
    enter(problem, rows, kept, index);
    sum += forward<f64>(problem, problem.parameters, rows, x, index, bytes);
    backward<f64>(problem, problem.parameters, rows, x, bytes);
  }
  finishBackward(problem, rows);
  return sum / (<f64>problem.count * problem.outputs);
}

/** Writes JᵀJ·v to the gradient, for `vector` v laid out as the parameters. */
export function multiplyNormal(problem: Shallow, scratch: usize, kept: usize, vector: usize): void {
  const rows = changetype<Rows>(rowsOfPass);
  placePass(problem, rows, scratch);
  const m = problem.hidden;
  const d1 = problem.features;
  const o = problem.outputs;
  const width = m + problem.extra;
  const outgoing = problem.parameters + 8 * m * d1;
  const direction = vector + 8 * m * d1;
  startBackward<f64>(problem, rows);
  const blocks = blockCount<f64>(problem.count);
  for (let index = 0; index < blocks; index++) {
    const bytes = rowBytes<f64>(problem.count, index);
    const x = samplesAt(problem, index);
    enter(problem, rows, kept, index);
    product<f64>(m, d1, vector, 8 * d1, 8, x, 0, rows.deltas, bytes);
    for (let j = 0; j < m; j++) {
      const delta = rows.deltas + j * STRIDE;
      multiplyRows<f64>(delta, rows.slopes + j * STRIDE, delta, bytes);
    }
    const residuals = rows.residuals;
    product<f64>(o, width, direction, 8 * width, 8, rows.features, 0, residuals, bytes);
    product<f64>(o, m, outgoing, 8 * width, 8, rows.deltas, residuals, residuals, bytes);
    backward<f64>(problem, problem.parameters, rows, x, bytes);
  }
  finishBackward(problem, rows);
}

/**
 * Adds up, over every `step`-th block, the normal matrix of every neuron's own weights but for its outgoing ones,
 * Σ σ′²·x̃x̃ᵀ: m matrices of order d + 1 in panels at `to`; then that of one output's weights, [σ; e][σ; e]ᵀ, behind
 * them.
 */
export function neuronNormals(problem: Shallow, scratch: usize, kept: usize, step: i32, to: usize): void {
  const rows = changetype<Rows>(rowsOfPass);
  placePass(problem, rows, scratch);
  const m = problem.hidden;
  const d1 = problem.features;
  const width = m + problem.extra;
  const order = padded(d1);
  const each = panelBytes(d1);
  const last = to + m * each;
  memory.fill(to, 0, m * each + panelBytes(width));
  const blocks = blockCount<f64>(problem.count);
  for (let index = 0; index < blocks; index++) {
    const x = samplesAt(problem, index);
    if (index % step !== 0) continue;
    const bytes = rowBytes<f64>(problem.count, index);
    const samples = <i32>(bytes >> 3);
    enter(problem, rows, kept, index);
    memory.fill(stacked + d1 * STRIDE, 0, (order - d1) * STRIDE);
    for (let j = 0; j < m; j++) {
      for (let k = 0; k < d1; k++) {
        multiplyRows<f64>(rows.slopes + j * STRIDE, x + k * STRIDE, stacked + k * STRIDE, bytes);
      }
      packRows(stacked, order, samples, packedStack, false);
      updatePanels(stacked, packedStack, order, samples, to + j * each, 0);
    }
    memory.copy(stacked, rows.features, width * STRIDE);
    memory.fill(stacked + width * STRIDE, 0, (padded(width) - width) * STRIDE);
    packRows(stacked, padded(width), samples, packedStack, false);
    updatePanels(stacked, packedStack, padded(width), samples, last, 0);
  }
  for (let j = 0; j < m; j++) closePadding(to + j * each, d1);
  closePadding(last, width);
}
