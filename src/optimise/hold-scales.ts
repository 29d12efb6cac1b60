import { extraColumns, type ShallowShape } from '../network/shallow.js';
import type { Products } from './inverse-by-products.js';

/** Where a neuron of one hidden layer has its incoming and its outgoing weights. */
export interface WeightsOfNeuron {
  readonly row: readonly number[];
  readonly column: readonly number[];
}

/** The places of all neurons of a network with one hidden layer. */
export function weightsOfNeurons(shape: ShallowShape): WeightsOfNeuron[] {
  const { inputs: d, hidden: m, outputs: o } = shape;
  const width = m + extraColumns(shape);
  return Array.from({ length: m }, (_, j) => ({
    row: Array.from({ length: d + 1 }, (__, k) => j * (d + 1) + k),
    column: Array.from({ length: o }, (__, i) => m * (d + 1) + i * width + j),
  }));
}

/** The weights that are alike: each neuron's incoming ones, its outgoing ones, each output's paths, all biases. */
export function groupsOfWeights(shape: ShallowShape): (readonly number[])[] {
  const { inputs: d, hidden: m, outputs: o } = shape;
  const extra = extraColumns(shape);
  const first = m * (d + 1);
  const outputs = Array.from({ length: o }, (_, i) => i);
  const paths = outputs.map((i) =>
    Array.from({ length: extra - 1 }, (_, k) => first + i * (m + extra) + m + k),
  );
  const biases = outputs.map((i) => first + (i + 1) * (m + extra) - 1);
  return [
    ...weightsOfNeurons(shape).flatMap(({ row, column }) => [row, column]),
    ...paths.filter((path) => path.length > 0),
    biases,
  ];
}

/**
 * Makes the length of every incoming vector costly, where an activation leaves the scales of neurons free, so that JᵀJ is
 * singular for other reasons only; `fix` turns a sample of errors, in place, into one of weights whose incoming vectors
 * keep their length.
 */
export function holdScales(
  problem: Products,
  parameters: Float64Array,
  neurons: readonly WeightsOfNeuron[],
): { held: Products; fix: (sample: Float64Array) => void } {
  problem.precondition(0);
  const { own } = problem.preconditionerDiagonals();
  const costs = neurons.map(({ row, column }) => ({
    row,
    column,
    square: row.reduce((sum, i) => sum + parameters[i] ** 2, 0),
    stiffness: row.reduce((sum, i) => sum + own[i], 0) / row.length,
  }));
  const along = (row: readonly number[], v: Float64Array) =>
    row.reduce((sum, i) => sum + parameters[i] * v[i], 0);
  return {
    held: {
      parameterCount: problem.parameterCount,
      residualCount: problem.residualCount,
      largestDiagonal: problem.largestDiagonal,
      precondition: (damping) => problem.precondition(damping),
      applyHalf: (v, isTransposed, to) => problem.applyHalf(v, isTransposed, to),
      preconditionerDiagonals: () => problem.preconditionerDiagonals(),
      multiply(v, to) {
        problem.multiply(v, to);
        for (const { row, square, stiffness } of costs) {
          const part = (stiffness * along(row, v)) / square;
          for (const i of row) to[i] += part * parameters[i];
        }
      },
    },
    fix(sample) {
      for (const { row, column, square } of costs) {
        const part = along(row, sample) / square;
        for (const i of row) sample[i] -= part * parameters[i];
        for (const i of column) sample[i] += part * parameters[i];
      }
    },
  };
}
