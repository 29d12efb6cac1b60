import type { Examples, Problem } from './problem.js';

/** The numbers 0…count−1 in a random order (Fisher and Yates). */
export function shuffled(count: number, integer: (bound: number) => number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Rows of a data set by their indices, copied. */
export function pickExamples(examples: Examples, width: number, rows: Int32Array): Examples {
  const { inputs, targets, count } = examples;
  const targetWidth = targets.length / count;
  const picked = {
    inputs: inputs.slice(0, rows.length * width),
    targets: targets.slice(0, rows.length * targetWidth),
  };
  for (const [n, row] of rows.entries()) {
    picked.inputs.set(inputs.subarray(row * width, (row + 1) * width), n * width);
    picked.targets.set(targets.subarray(row * targetWidth, (row + 1) * targetWidth), n * targetWidth);
  }
  return { ...picked, count: rows.length };
}

/**
 * Writes the inputs of `rows` (indices of examples) to `target`, rows × d, standardised where `inputScaling`
 * says how.
 */
export function gatherInputs(
  { inputDimension: d, inputScaling }: Pick<Problem, 'inputDimension' | 'inputScaling'>,
  { inputs }: Examples,
  rows: Int32Array,
  target: Float64Array,
): void {
  for (let n = 0; n < rows.length; n++) {
    const from = rows[n] * d;
    const to = n * d;
    for (let i = 0; i < d; i++) target[to + i] = inputs[from + i];
    if (inputScaling === undefined) continue;
    const { means, deviations } = inputScaling;
    for (let i = 0; i < d; i++) target[to + i] = (target[to + i] - means[i]) / deviations[i];
  }
}

/** Calls `use` with the standardised inputs of all examples, at most `chunk` rows at a time. */
export function forEachChunk(
  problem: Problem,
  examples: Examples,
  chunk: number,
  use: (inputs: Float64Array, start: number, rows: number) => void,
): void {
  const room = new Float64Array(chunk * problem.inputDimension);
  for (let start = 0; start < examples.count; start += chunk) {
    const rows = Int32Array.from({ length: Math.min(chunk, examples.count - start) }, (_, i) => start + i);
    gatherInputs(problem, examples, rows, room);
    use(room.subarray(0, rows.length * problem.inputDimension), start, rows.length);
  }
}
