/**
 * A loss over a batch: `outputs` is rows × o. `targets` has one class index a row for `cross-entropy`, and
 * rows × o numbers for `mean-squares`.
 */
export type LossName = 'cross-entropy' | 'mean-squares';

/** Writes ∂loss/∂outputs to `delta` (rows × o), where it is given, and returns the loss, a mean over the rows. */
export type Loss = (
  outputs: Float64Array,
  targets: Float64Array,
  rows: number,
  width: number,
  delta?: Float64Array,
) => number;

/** The losses by name. */
export const losses: Readonly<Record<LossName, Loss>> = {
  /** −log softmax(outputs)[class] */
  'cross-entropy': (outputs, targets, rows, width, delta) => {
    let loss = 0;
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      let largest = Number.NEGATIVE_INFINITY;
      for (let k = 0; k < width; k++) largest = Math.max(largest, outputs[at + k]);
      let sum = 0;
      for (let k = 0; k < width; k++) sum += Math.exp(outputs[at + k] - largest);
      const target = targets[row];
      loss += (Math.log(sum) + largest - outputs[at + target]) / rows;
      if (delta === undefined) continue;
      for (let k = 0; k < width; k++) {
        delta[at + k] = (Math.exp(outputs[at + k] - largest) / sum - (k === target ? 1 : 0)) / rows;
      }
    }
    return loss;
  },
  /** The mean over rows and outputs of (output − target)². */
  'mean-squares': (outputs, targets, rows, width, delta) => {
    const count = rows * width;
    let loss = 0;
    for (let i = 0; i < count; i++) {
      const residual = outputs[i] - targets[i];
      loss += residual ** 2 / count;
      if (delta !== undefined) delta[i] = (2 * residual) / count;
    }
    return loss;
  },
};
