import { activate } from './activations';
import { dots, sumDots } from './dots-tile';
import { BLOCK, madd, padded, STRIDE, sumOfLanes } from './lanes';
import { product } from './product-tile';

// Neurons that are no network yet: their outputs on samples, and how much of a residual they explain. Samples stand in
// blocks as in shallow.ts: [block][row][sample], zero beyond the last sample.

/** Bytes of a row that hold samples in block `index`. */
@inline
function bytesOf(count: i32, index: i32): usize {
  return 8 * padded(min(BLOCK, count - index * BLOCK));
}

/**
 * Writes σ(w·x̃) of `neurons` incoming vectors (rows of d + 1 doubles) on all samples: [block][neuron][sample], zero
 * beyond the last. `slopes` is room for one block's rows.
 */
export function neuronOutputs(
  activation: i32,
  slope: f64,
  neurons: i32,
  features: i32,
  incoming: usize,
  x: usize,
  count: i32,
  slopes: usize,
  to: usize,
): void {
  for (let index = 0; index * BLOCK < count; index++) {
    const bytes = bytesOf(count, index);
    product<f64>(neurons, features, incoming, 8 * features, 8, x, 0, to, bytes);
    activate(activation, slope, to, slopes, neurons, bytes);
    const left = 8 * (count - index * BLOCK);
    if (left < <i32>bytes) {
      for (let j = 0; j < neurons; j++) memory.fill(to + j * STRIDE + left, 0, bytes - left);
    }
    x += features * STRIDE;
    to += neurons * STRIDE;
  }
}

/**
 * How much of the residuals each neuron explains beyond what the orthonormal `basis` does: Σ (r·c)²/(c·c + 1e-18), c
 * being the part of its outputs that the basis leaves. Outputs, basis and residuals in blocks; the outputs are
 * replaced by c. `sums` is room for 16 bytes, `products` for 8, per neuron and row of basis or residuals.
 */
export function explainedByNeurons(
  neurons: i32,
  outputs: usize,
  width: i32,
  basis: usize,
  rows: i32,
  residuals: usize,
  count: i32,
  sums: usize,
  products: usize,
  to: usize,
): void {
  memory.fill(sums, 0, 16 * neurons * width);
  for (let index = 0; index * BLOCK < count; index++) {
    const c = outputs + index * neurons * STRIDE;
    dots<f64>(neurons, width, c, basis + index * width * STRIDE, sums, bytesOf(count, index));
  }
  sumDots(sums, neurons * width, products);
  for (const end = products + 8 * neurons * width; products < end; products += 8) {
    store<f64>(products, -load<f64>(products));
  }
  products -= 8 * neurons * width;
  memory.fill(sums, 0, 16 * neurons * rows);
  memory.fill(to, 0, 8 * neurons);
  for (let index = 0; index * BLOCK < count; index++) {
    const bytes = bytesOf(count, index);
    const c = outputs + index * neurons * STRIDE;
    product<f64>(neurons, width, products, 8 * width, 8, basis + index * width * STRIDE, c, c, bytes);
    dots<f64>(neurons, rows, c, residuals + index * rows * STRIDE, sums, bytes);
    for (let j = 0; j < neurons; j++) {
      let row = c + j * STRIDE;
      let square = f64x2.splat(0);
      for (const end = row + bytes; row < end; row += 16) {
        const value = v128.load(row);
        square = madd(value, value, square);
      }
      store<f64>(to + 8 * j, load<f64>(to + 8 * j) + sumOfLanes(square));
    }
  }
  sumDots(sums, neurons * rows, products);
  for (let j = 0; j < neurons; j++) {
    let explained: f64 = 0;
    for (let i = 0; i < rows; i++) {
      const value = load<f64>(products + 8 * (j * rows + i));
      explained += value * value;
    }
    store<f64>(to + 8 * j, explained / (load<f64>(to + 8 * j) + 1e-18));
  }
}
