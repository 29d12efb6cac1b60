import { activate } from './activations';
import { dots, sumDots } from './dots-tile';
import { BLOCK, madd, multiplyRows, padded, STRIDE, sumOfLanes } from './lanes';
import { closePadding, panelBytes, updatePanels } from './panels';
import { product } from './product-tile';
import { blockAt } from './samples';
import { blockCount, rowBytes } from './shallow';
import { packRows } from './update-tile';

/**
 * A least-squares problem of a network with any number of hidden layers; src/kernels/wasm-deep.ts writes the fields
 * in this order. The rows of a block stand as [σ_L; …; σ_1; x; 1] with a skip path, each layer seeing everything to
 * its right, as [σ_L; …; σ_1; 1; x; 1] where that begins behind the first layer, or as [σ_L; 1; …; σ_1; 1; x; 1]
 * without: so the inputs of every layer are one run of rows.
 */
@unmanaged
export class Deep {
  slope: f64;
  count: i32;
  /** d + 1 */
  features: i32;
  outputs: i32;
  /** Hidden layers, L. */
  depth: i32;
  /** 1 where every layer sees all earlier ones and the inputs, 2 where it sees all earlier hidden ones, else 0. */
  skip: i32;
  /** A window of the samples' blocks, see samples.ts. */
  window: usize;
  /** Blocks in the window. */
  windowBlocks: i32;
  /** W_1 … W_L, then A, each row by row. */
  parameters: usize;
  /** Jᵀr or the gradient, as the parameters. */
  gradient: usize;
  /** The normal matrix in panels (see panels.ts). */
  normal: usize;
  /** `depth` + 1 records of class `Level`, the last one the output's. */
  levels: usize;
}

/** One layer: `width` and `activation` are given, the rest is placed by `placeRows`. */
@unmanaged
export class Level {
  /** Neurons of the layer; outputs of the last one. */
  width: i32;
  /** Number of its kernel; none for outputs. */
  activation: i32;
  /** Rows that it sees, the ones included. */
  seen: i32;
  /** First parameter. */
  weights: i32;
  /** Rows that it sees, its own rows, its σ′ and its δ. */
  from: usize;
  to: usize;
  slopes: usize;
  deltas: usize;
  /** Derivatives of the output by what stands at `to`. */
  backward: usize;
}

const levelBytes = offsetof<Level>();

@inline
function levelOf(problem: Deep, index: i32): Level {
  return changetype<Level>(problem.levels + index * levelBytes);
}

// Behind the rows of the levels: the residuals, the sums of the gradient, and for `linearise` the rows of the
// Jacobian for one block and one output, and the same packed.
let residuals: usize = 0;
let sums: usize = 0;
let stacked: usize = 0;
let packedStack: usize = 0;

/** Whether a row of ones stands behind what layer `index` gives. */
@inline
function endsInOnes(problem: Deep, index: i32): bool {
  return problem.skip === 0 || (problem.skip === 2 && index === 0);
}

/** Places the rows of a pass from `at` on, and those of `linearise` behind them; returns the end. */
function placeRows(problem: Deep, at: usize, linear: bool): usize {
  const depth = problem.depth;
  let rows = problem.features;
  for (let l = 0; l < depth; l++) rows += levelOf(problem, l).width + i32(endsInOnes(problem, l));
  const stack = at;
  const backward = stack + rows * STRIDE;
  let slopes = backward + rows * STRIDE;
  let start: usize = (rows - problem.features) * STRIDE; // of x̃ in the stack
  let seen = problem.features;
  let weights = 0;
  for (let l = 0; l < depth; l++) {
    const level = levelOf(problem, l);
    level.seen = seen;
    level.weights = weights;
    level.from = stack + start;
    weights += level.width * seen;
    const ones = endsInOnes(problem, l);
    start -= (level.width + i32(ones)) * STRIDE;
    level.to = stack + start;
    level.backward = backward + start;
    level.slopes = slopes;
    slopes += level.width * STRIDE;
    level.deltas = slopes;
    slopes += level.width * STRIDE;
    seen = ones ? level.width + 1 : seen + level.width;
  }
  const output = levelOf(problem, depth);
  output.seen = seen;
  output.weights = weights;
  output.from = stack;
  output.backward = backward;
  residuals = slopes;
  sums = residuals + problem.outputs * STRIDE;
  const order = parameterCount(problem);
  stacked = sums + 16 * order;
  if (!linear) return stacked;
  packedStack = stacked + padded(order) * STRIDE;
  return packedStack + padded(order) * BLOCK * 8;
}

function parameterCount(problem: Deep): i32 {
  const output = levelOf(problem, problem.depth);
  return output.weights + output.width * output.seen;
}

/** Bytes of scratch that `deepLoss` and `deepGradient` need. */
export function deepGradientScratch(problem: Deep): usize {
  return placeRows(problem, 0, false);
}

/** Bytes of scratch that `deepLinearise` needs. */
export function deepNormalScratch(problem: Deep): usize {
  return placeRows(problem, 0, true);
}

/** Forward pass of one block: fills rows, σ′ and residuals, returns Σr². What is beyond the last sample stays zero. */
function forward(problem: Deep, index: i32, bytes: usize): f64 {
  const features = problem.features;
  const rows = features + problem.outputs;
  const x = blockAt(changetype<usize>(problem), problem.window, problem.windowBlocks, rows, index);
  const ones = x + (features - 1) * STRIDE;
  memory.copy(levelOf(problem, 0).from, x, features * STRIDE);
  const left = 8 * (problem.count - index * BLOCK);
  for (let l = 0; l < problem.depth; l++) {
    const level = levelOf(problem, l);
    const width = level.width;
    const weights = problem.parameters + 8 * level.weights;
    product<f64>(width, level.seen, weights, 8 * level.seen, 8, level.from, 0, level.to, bytes);
    activate(level.activation, problem.slope, level.to, level.slopes, width, bytes);
    if (left < <i32>bytes) {
      for (let j = 0; j < width; j++) memory.fill(level.to + j * STRIDE + left, 0, bytes - left);
    }
    if (endsInOnes(problem, l)) memory.copy(level.to + width * STRIDE, ones, STRIDE);
  }
  const output = levelOf(problem, problem.depth);
  const outputs = output.width;
  const y = x + features * STRIDE;
  const weights = problem.parameters + 8 * output.weights;
  product<f64>(outputs, output.seen, weights, 8 * output.seen, 8, output.from, y, residuals, bytes);
  let sum = f64x2.splat(0);
  for (let i = 0; i < outputs; i++) {
    let r = residuals + i * STRIDE;
    for (const end = r + bytes; r < end; r += 16) {
      const value = v128.load(r);
      sum = madd(value, value, sum);
    }
  }
  return sumOfLanes(sum);
}

/** From the derivatives by the rows that the output sees to every layer's δ. */
function propagate(problem: Deep, bytes: usize): void {
  for (let l = problem.depth - 1; l >= 0; l--) {
    const level = levelOf(problem, l);
    for (let j = 0; j < level.width; j++) {
      multiplyRows<f64>(level.backward + j * STRIDE, level.slopes + j * STRIDE, level.deltas + j * STRIDE, bytes);
    }
    if (l === 0) break;
    // what the layer below gave, and with a skip path all hidden layers below it
    const below = levelOf(problem, l - 1);
    const rows = problem.skip === 1 ? level.seen - problem.features : problem.skip ? level.seen - 1 : below.width;
    const start = problem.skip ? below.backward : 0;
    const weights = problem.parameters + 8 * level.weights;
    product<f64>(rows, level.width, weights, 8, 8 * level.seen, level.deltas, start, below.backward, bytes);
  }
}

/** Adds one block's share of Jᵀr to the sums. */
function addGradient(problem: Deep, bytes: usize): void {
  const output = levelOf(problem, problem.depth);
  const weights = problem.parameters + 8 * output.weights;
  product<f64>(output.seen, output.width, weights, 8, 8 * output.seen, residuals, 0, output.backward, bytes);
  propagate(problem, bytes);
  for (let l = 0; l < problem.depth; l++) {
    const level = levelOf(problem, l);
    dots<f64>(level.width, level.seen, level.deltas, level.from, sums + 16 * level.weights, bytes);
  }
  dots<f64>(output.width, output.seen, residuals, output.from, sums + 16 * output.weights, bytes);
}

/** Mean squared residual. */
export function deepLoss(problem: Deep, scratch: usize): f64 {
  placeRows(problem, scratch, false);
  let sum: f64 = 0;
  const blocks = blockCount<f64>(problem.count);
  for (let index = 0; index < blocks; index++) sum += forward(problem, index, rowBytes<f64>(problem.count, index));
  return sum / (<f64>problem.count * problem.outputs);
}

/** Mean squared residual; writes its gradient. */
export function deepGradient(problem: Deep, scratch: usize): f64 {
  placeRows(problem, scratch, false);
  const size = parameterCount(problem);
  memory.fill(sums, 0, 16 * size);
  let sum: f64 = 0;
  const blocks = blockCount<f64>(problem.count);
  for (let index = 0; index < blocks; index++) {
    const bytes = rowBytes<f64>(problem.count, index);
    sum += forward(problem, index, bytes);
    addGradient(problem, bytes);
  }
  sumDots(sums, size, problem.gradient);
  const terms = <f64>problem.count * problem.outputs;
  const factor = 2 / terms;
  const end = problem.gradient + 8 * size;
  for (let at = problem.gradient; at < end; at += 8) store<f64>(at, factor * load<f64>(at));
  return sum / terms;
}

/** Bytes of scratch that `deepCurvature` needs. */
export function deepCurvatureScratch(problem: Deep): usize {
  return placeRows(problem, 0, false) + 16 * padded(parameterCount(problem)) + problem.outputs * STRIDE;
}

/**
 * Reads a direction from where the gradient stands and writes Jᵀr″ there: r″ are the residuals' second derivatives along
 * it, from differences over `step` times the direction to both sides.
 */
export function deepCurvature(problem: Deep, step: f64, scratch: usize): void {
  const ahead = placeRows(problem, scratch, false);
  const size = parameterCount(problem);
  const behind = ahead + 8 * padded(size);
  const second = behind + 8 * padded(size);
  const own = problem.parameters;
  for (let i = 0; i < size; i++) {
    const value = load<f64>(own + 8 * i);
    const move = step * load<f64>(problem.gradient + 8 * i);
    store<f64>(ahead + 8 * i, value + move);
    store<f64>(behind + 8 * i, value - move);
  }
  memory.fill(sums, 0, 16 * size);
  const factor = f64x2.splat(1 / (step * step));
  const rows: usize = problem.outputs * STRIDE;
  const blocks = blockCount<f64>(problem.count);
  for (let index = 0; index < blocks; index++) {
    const bytes = rowBytes<f64>(problem.count, index);
    problem.parameters = ahead;
    forward(problem, index, bytes);
    memory.copy(second, residuals, rows);
    problem.parameters = behind;
    forward(problem, index, bytes);
    for (let at: usize = 0; at < rows; at += 16) {
      v128.store(second + at, f64x2.add(v128.load(second + at), v128.load(residuals + at)));
    }
    problem.parameters = own;
    forward(problem, index, bytes);
    for (let at: usize = 0; at < rows; at += 16) {
      const middle = v128.load(residuals + at);
      const sum = f64x2.sub(v128.load(second + at), f64x2.add(middle, middle));
      v128.store(residuals + at, f64x2.mul(factor, sum));
    }
    addGradient(problem, bytes);
  }
  sumDots(sums, size, problem.gradient);
}

/** Writes the rows of the Jacobian for output `index` of one block. */
function stackJacobian(problem: Deep, index: i32, bytes: usize): void {
  const output = levelOf(problem, problem.depth);
  const a = problem.parameters + 8 * (output.weights + index * output.seen);
  for (let k = 0; k < output.seen; k++) {
    const value = v128.load64_splat(a + 8 * k);
    const row = output.backward + k * STRIDE;
    for (let at: usize = 0; at < bytes; at += 16) v128.store(row + at, value);
  }
  propagate(problem, bytes);
  let to = stacked;
  for (let l = 0; l < problem.depth; l++) {
    const level = levelOf(problem, l);
    for (let j = 0; j < level.width; j++) {
      for (let k = 0; k < level.seen; k++) {
        multiplyRows<f64>(level.deltas + j * STRIDE, level.from + k * STRIDE, to, bytes);
        to += STRIDE;
      }
    }
  }
  if (output.width > 1) memory.fill(to, 0, output.width * output.seen * STRIDE);
  memory.copy(to + index * output.seen * STRIDE, output.from, output.seen * STRIDE);
}

/** Evaluates JᵀJ (in panels) and Jᵀr at the parameters; returns the mean squared residual. */
export function deepLinearise(problem: Deep, scratch: usize): f64 {
  placeRows(problem, scratch, true);
  const size = parameterCount(problem);
  const order = padded(size);
  memory.fill(sums, 0, 16 * size);
  memory.fill(problem.normal, 0, panelBytes(order));
  memory.fill(stacked + size * STRIDE, 0, (order - size) * STRIDE);
  let sum: f64 = 0;
  const blocks = blockCount<f64>(problem.count);
  for (let index = 0; index < blocks; index++) {
    const bytes = rowBytes<f64>(problem.count, index);
    const samples = <i32>(bytes >> 3);
    sum += forward(problem, index, bytes);
    addGradient(problem, bytes);
    for (let i = 0; i < problem.outputs; i++) {
      stackJacobian(problem, i, bytes);
      packRows(stacked, order, samples, packedStack, false);
      updatePanels(stacked, packedStack, order, samples, problem.normal, 0);
    }
  }
  sumDots(sums, size, problem.gradient);
  closePadding(problem.normal, size);
  return sum / (<f64>problem.count * problem.outputs);
}
