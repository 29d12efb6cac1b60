import { BLOCK, multiplyRows, padded, STRIDE } from './lanes';
import { addPairs, clearPairs, expandPairs, pairBytes, usesPairs } from './pairs';
import { addSinglePairs, clearSinglePairs, singlePairBytes } from './single-pairs';
import { closePadding, diagonalAt, panelAt, panelBytes, updatePanels } from './panels';
import { pause } from './pause';
import {
  backward,
  blockCount,
  finishBackward,
  forward,
  parameterCount,
  Rows,
  rowBytes,
  samplesAt,
  Shallow,
  startBackward,
  sumBytes,
} from './shallow';
import { packRows } from './update-tile';

const normalRows = memory.data(offsetof<Rows>());

// The Jacobian's row of output i is [a_ij·σ′_j·x̃_k; (σ_j; e) in the place of output i]. So all of JᵀJ follows
// from the Gram matrix of the rows [σ′_j·x̃_k; σ_j; e], the compact matrix, whose order does not grow with the
// number of outputs: with G = AᵀA,
//   hidden × hidden   (j,k),(j′,k′)   G_jj′ · compact
//   output i × hidden                 a_ij  · compact
//   output i × output i               compact, and zero between different outputs.
// Where that is less work, the compact hidden × hidden block comes from pairs.ts instead.

/** Rows of the compact matrix. */
function compactOrder(problem: Shallow): i32 {
  return problem.hidden * (problem.features + 1) + problem.extra;
}

// Where `linearise` keeps, in this order: the rows of the compact matrix for one block, the same packed, the compact
// matrix, G, and what pairs.ts needs.
let stacked: usize = 0;
let packedStack: usize = 0;
let compact: usize = 0;
let outgoing: usize = 0;
let pairs: usize = 0;

/** Places the rows of `linearise` from `at` on; returns the end. */
function placeNormalRows(problem: Shallow, rows: Rows, at: usize): usize {
  const m = padded(problem.hidden);
  const order = padded(compactOrder(problem));
  stacked = at;
  rows.features = stacked + problem.hidden * problem.features * STRIDE;
  rows.slopes = stacked + order * STRIDE;
  rows.deltas = rows.slopes + m * STRIDE;
  rows.residuals = rows.deltas + m * STRIDE;
  packedStack = rows.residuals + problem.outputs * STRIDE;
  rows.packed = packedStack + order * BLOCK * 8;
  rows.sums = rows.packed + m * BLOCK * 8;
  compact = rows.sums + sumBytes<f64>(problem);
  outgoing = compact + panelBytes(order);
  pairs = outgoing + 8 * problem.hidden * problem.hidden;
  if (!usesPairs(problem.hidden, problem.features)) return pairs;
  const bytes = pairBytes(problem.hidden, problem.features);
  return pairs + max(bytes, singlePairBytes(problem.hidden, problem.features));
}

/** Bytes of scratch that `linearise` needs. */
export function normalScratch(problem: Shallow): usize {
  return placeNormalRows(problem, changetype<Rows>(normalRows), 0);
}

/** Writes the rows σ′_j·x̃_k of one block. */
function stackHiddenRows(problem: Shallow, rows: Rows, x: usize, bytes: usize): void {
  let to = stacked;
  for (let j = 0; j < problem.hidden; j++) {
    for (let k = 0; k < problem.features; k++) {
      multiplyRows<f64>(rows.slopes + j * STRIDE, x + k * STRIDE, to, bytes);
      to += STRIDE;
    }
  }
}

/**
 * Evaluates JᵀJ (in panels) and Jᵀr at the parameters; returns the mean squared residual. With `single` most of JᵀJ is
 * computed in float32, where the problem is large enough for that to pay.
 */
export function linearise(problem: Shallow, scratch: usize, single: bool): f64 {
  const rows = changetype<Rows>(normalRows);
  placeNormalRows(problem, rows, scratch);
  const size = compactOrder(problem);
  const order = padded(size);
  const m = problem.hidden;
  const hidden = m * problem.features;
  const hiddenByPairs = usesPairs(m, problem.features);
  if (hiddenByPairs) {
    if (single) clearSinglePairs(pairs, m, problem.features);
    else clearPairs(pairs, m, problem.features);
  }
  memory.fill(compact, 0, panelBytes(order));
  memory.fill(stacked + size * STRIDE, 0, (order - size) * STRIDE);
  startBackward<f64>(problem, rows);
  let sum: f64 = 0;
  const blocks = blockCount<f64>(problem.count);
  for (let index = 0; index < blocks; index++) {
    pause();
    const bytes = rowBytes<f64>(problem.count, index);
    const x = samplesAt(problem, index);
    sum += forward<f64>(problem, problem.parameters, rows, x, index, bytes);
    backward<f64>(problem, problem.parameters, rows, x, bytes);
    stackHiddenRows(problem, rows, x, bytes);
    const samples = <i32>(bytes >> 3);
    packRows(stacked, order, samples, packedStack, false);
    updatePanels(stacked, packedStack, order, samples, compact, hiddenByPairs ? hidden : 0);
    if (!hiddenByPairs) continue;
    if (single) {
      addSinglePairs(pairs, m, problem.features, rows.slopes, x, bytes, index, index === blocks - 1);
    } else addPairs(pairs, m, problem.features, rows.slopes, x, bytes);
  }
  finishBackward(problem, rows);
  expand(problem, hiddenByPairs, single ? 8 : 4);
  return sum / (<f64>problem.count * problem.outputs);
}

/** Writes G = AᵀA to `outgoing`. */
function multiplyOutgoing(problem: Shallow): void {
  const m = problem.hidden;
  const width = m + problem.extra;
  const a = problem.parameters + 8 * m * problem.features;
  for (let j = 0; j < m; j++) {
    for (let k = 0; k <= j; k++) {
      let sum: f64 = 0;
      for (let i = 0; i < problem.outputs; i++) {
        const row = a + 8 * i * width;
        sum += load<f64>(row + 8 * j) * load<f64>(row + 8 * k);
      }
      store<f64>(outgoing + 8 * (j * m + k), sum);
      store<f64>(outgoing + 8 * (k * m + j), sum);
    }
  }
}

/** Expands the compact matrix to the normal matrix; `panel` columns of the pairs stand together. */
function expand(problem: Shallow, hiddenByPairs: bool, panel: i32): void {
  multiplyOutgoing(problem);
  const size = parameterCount(problem);
  const order = padded(size);
  const hidden = problem.hidden * problem.features;
  memory.fill(problem.normal, 0, panelBytes(order));
  const wholePanels = hidden & ~3;
  for (let column = 0; column < wholePanels; column += 4) expandPanel(problem, column, order, hiddenByPairs);
  for (let column = wholePanels; column < size; column++) expandColumn(problem, column, order);
  if (hiddenByPairs) {
    expandPairs(pairs, panel, problem.hidden, problem.features, outgoing, problem.normal, order);
  }
  closePadding(problem.normal, size);
}

/** Expands four columns of hidden parameters, the rows of hidden parameters unless `skipHidden`. */
function expandPanel(problem: Shallow, column: i32, order: i32, skipHidden: bool): void {
  const m = problem.hidden;
  const d1 = problem.features;
  const hidden = m * d1;
  const width = m + problem.extra;
  const from = panelAt(compact, padded(compactOrder(problem)), column >> 2);
  const to = panelAt(problem.normal, order, column >> 2);
  const j0 = column / d1;
  const j1 = (column + 1) / d1;
  const j2 = (column + 2) / d1;
  const j3 = (column + 3) / d1;
  let row = column;
  for (let j = skipHidden ? m : j0; j < m; j++) {
    const g = outgoing + 8 * j * m;
    const low = f64x2.replace_lane(v128.load64_splat(g + 8 * j0), 1, load<f64>(g + 8 * j1));
    const high = f64x2.replace_lane(v128.load64_splat(g + 8 * j2), 1, load<f64>(g + 8 * j3));
    for (const end = (j + 1) * d1; row < end; row++) {
      v128.store(to + 32 * row, f64x2.mul(low, v128.load(from + 32 * row)));
      v128.store(to + 32 * row, f64x2.mul(high, v128.load(from + 32 * row, 16)), 16);
    }
  }
  const rest = from + 32 * hidden;
  for (let i = 0; i < problem.outputs; i++) {
    const a = problem.parameters + 8 * (hidden + i * width);
    const low = f64x2.replace_lane(v128.load64_splat(a + 8 * j0), 1, load<f64>(a + 8 * j1));
    const high = f64x2.replace_lane(v128.load64_splat(a + 8 * j2), 1, load<f64>(a + 8 * j3));
    const block = to + 32 * (hidden + i * width);
    for (let k = 0; k < width; k++) {
      v128.store(block + 32 * k, f64x2.mul(low, v128.load(rest + 32 * k)));
      v128.store(block + 32 * k, f64x2.mul(high, v128.load(rest + 32 * k, 16)), 16);
    }
  }
}

/** Expands one column, of a hidden parameter that shares its panel with outputs, or of an output's parameter. */
function expandColumn(problem: Shallow, column: i32, order: i32): void {
  const m = problem.hidden;
  const d1 = problem.features;
  const hidden = m * d1;
  const width = m + problem.extra;
  const compactSize = padded(compactOrder(problem));
  const to = diagonalAt(problem.normal, order, column) - 32 * column;
  if (column >= hidden) {
    const i = (column - hidden) / width;
    const shift = i * width;
    const from = diagonalAt(compact, compactSize, column - shift) - 32 * column;
    for (const end = hidden + shift + width; column < end; column++) {
      store<f64>(to + 32 * column, load<f64>(from + 32 * column));
    }
    return;
  }
  const from = diagonalAt(compact, compactSize, column) - 32 * column;
  const j = column / d1;
  for (let row = column; row < hidden; row++) {
    const g = load<f64>(outgoing + 8 * (j * m + row / d1));
    store<f64>(to + 32 * row, g * load<f64>(from + 32 * row));
  }
  for (let i = 0; i < problem.outputs; i++) {
    const a = load<f64>(problem.parameters + 8 * (hidden + i * width + j));
    const block = to + 32 * (hidden + i * width);
    for (let k = 0; k < width; k++) store<f64>(block + 32 * k, a * load<f64>(from + 32 * (hidden + k)));
  }
}
