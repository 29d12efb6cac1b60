import { activations } from '../network/activations.js';
import { BLOCK, blockBytes, fillWithOnes, packSamples, STRIDE } from './blocks.js';
import type { ShallowShape } from './kernels.js';
import type { Machine } from './machine.js';

/** Neurons of one kind, evaluated on samples. */
type Neurons = Pick<ShallowShape, 'inputs' | 'hidden' | 'activation' | 'slope'>;

/**
 * Evaluates neurons: returns the address of their outputs in blocks, [block][neuron][sample], in scratch, with `more`
 * bytes behind it at `rest`.
 */
function evaluate(
  machine: Machine,
  { inputs: d, hidden: m, activation, slope }: Neurons,
  incoming: Float64Array,
  inputs: Float64Array,
  count: number,
  more: number,
): { outputs: number; rest: number } {
  const outputBytes = blockBytes(count, m);
  const slopeBytes = (m + 3) * STRIDE * 8;
  const inputBytes = blockBytes(count, d + 1);
  const weightBytes = 8 * (incoming.length + 4);
  const outputs = machine.scratch(outputBytes + slopeBytes + inputBytes + weightBytes + more);
  const slopes = outputs + outputBytes;
  const x = slopes + slopeBytes;
  const weights = x + inputBytes;
  const { f64 } = machine.arena;
  f64.fill(0, x / 8, weights / 8);
  packSamples(f64, x / 8, d + 1, inputs, count, d, 1);
  fillWithOnes(f64, x / 8, d + 1, d, count);
  f64.set(incoming, weights / 8);
  const { kernel } = activations[activation];
  machine.exports.neuronOutputs(kernel, slope, m, d + 1, weights, x, count, slopes, outputs);
  return { outputs, rest: weights + weightBytes };
}

/** `Kernels.neuronOutputs` in WebAssembly. */
export function neuronOutputs(
  machine: Machine,
  neurons: Neurons,
  incoming: Float64Array,
  inputs: Float64Array,
  count: number,
): Float64Array {
  const { hidden: m } = neurons;
  const { outputs } = evaluate(machine, neurons, incoming, inputs, count, 0);
  const { f64 } = machine.arena;
  const result = new Float64Array(count * m);
  for (let first = 0; first < count; first += BLOCK) {
    const length = Math.min(BLOCK, count - first);
    for (let j = 0; j < m; j++) {
      const from = outputs / 8 + ((first / BLOCK) * m + j) * STRIDE;
      for (let n = 0; n < length; n++) result[(first + n) * m + j] = f64[from + n];
    }
  }
  return result;
}

/** `Kernels.explainedByNeurons` in WebAssembly. */
export function explainedByNeurons(
  machine: Machine,
  neurons: Neurons,
  incoming: Float64Array,
  inputs: Float64Array,
  count: number,
  basis: readonly Float64Array[],
  residuals: readonly Float64Array[],
): Float64Array {
  const { hidden: m } = neurons;
  const basisBytes = blockBytes(count, basis.length);
  const residualBytes = blockBytes(count, residuals.length);
  const widest = Math.max(basis.length, residuals.length);
  const sumBytes = 16 * m * widest;
  const { outputs, rest } = evaluate(
    machine,
    neurons,
    incoming,
    inputs,
    count,
    basisBytes + residualBytes + sumBytes + 8 * m * widest + 8 * m,
  );
  const basisAt = rest;
  const residualsAt = basisAt + basisBytes;
  const sums = residualsAt + residualBytes;
  const products = sums + sumBytes;
  const to = products + 8 * m * widest;
  const { f64 } = machine.arena;
  f64.fill(0, basisAt / 8, sums / 8);
  const place = (vectors: readonly Float64Array[], at: number) => {
    vectors.forEach((vector, row) => {
      for (let first = 0; first < count; first += BLOCK) {
        const index = at / 8 + ((first / BLOCK) * vectors.length + row) * STRIDE;
        f64.set(vector.subarray(first, Math.min(count, first + BLOCK)), index);
      }
    });
  };
  place(basis, basisAt);
  place(residuals, residualsAt);
  machine.exports.explainedByNeurons(
    m,
    outputs,
    basis.length,
    basisAt,
    residuals.length,
    residualsAt,
    count,
    sums,
    products,
    to,
  );
  return f64.slice(to / 8, to / 8 + m);
}
