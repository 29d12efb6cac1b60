import { extraColumns, type ShallowNetwork, splitParameters } from '../network/shallow.js';
import { columnsOf } from '../numeric/columns.js';
import { solveLeastSquares } from '../numeric/least-squares.js';
import { type Dataset, firstPairs } from '../records.js';
import {
  chooseSigns,
  isSharp,
  mapColumns,
  mostTurned,
  outputsOf,
  samplesPerColumn,
  seenByNeurons,
} from './gates.js';

/** Samples that `turnLastBySamples` wants for a network with one hidden layer. */
export function samplesForTurningLast({ shape }: ShallowNetwork): number {
  return samplesPerColumn * (shape.hidden + 1) * (shape.inputs + 1);
}

/**
 * The signs of ReLU neurons beside an affine path, and vectors with which they need no path. With the right signs the
 * outputs are a sum of affine maps that are open where one neuron is active each, and a constant. Where it is active a
 * neuron is one of these maps; where it is not, what its mirror image sees there tells the rest of its vector. Undefined
 * where no choice of signs explains the outputs, or several do.
 */
export function turnLastBySamples(
  found: ShallowNetwork,
  dataset: Dataset,
): { signs: readonly (1 | -1)[]; incoming: Float64Array } | undefined {
  const { shape, parameters } = found;
  const { hidden: m, inputs: d, outputs: o } = shape;
  if (m > mostTurned || !isSharp(shape) || shape.slope !== 0) return undefined;
  const count = Math.min(dataset.count, samplesForTurningLast(found));
  const features = columnsOf(dataset.inputs, count, d);
  const seen = seenByNeurons(found, firstPairs(dataset, count));
  const constant = new Float64Array(count).fill(1);
  const columnsFor = (signs: readonly (1 | -1)[]) => [
    ...mapColumns(
      seen.map((values, i) => values.map((z) => +(signs[i] * z > 0))),
      features,
    ),
    constant,
  ];
  const targets = outputsOf(dataset, count);
  const signs = chooseSigns(m, columnsFor, targets);
  if (signs === undefined) return undefined;
  const columns = columnsFor(signs);
  const rows = new Float64Array(count * columns.length);
  for (let n = 0; n < count; n++) {
    columns.forEach((values, k) => {
      rows[n * columns.length + k] = values[n];
    });
  }
  const right = Float64Array.from({ length: count * o }, (_, i) => targets[i % o][Math.floor(i / o)]);
  const { coefficients } = solveLeastSquares(rows, right, count, columns.length, o);
  const { outgoing } = splitParameters(shape, parameters);
  const width = m + extraColumns(shape);
  const affine = Float64Array.from({ length: count * (d + 1) }, (_, i) =>
    i % (d + 1) === d ? 1 : features[i % (d + 1)][Math.floor(i / (d + 1))],
  );
  const incoming = seen.flatMap((values, i) => {
    const output = largest(Array.from({ length: o }, (_, k) => outgoing[k * width + i]));
    const scale = outgoing[output * width + i];
    const wanted = values.map((z, n) => {
      if (signs[i] * z <= 0) return signs[i] * z;
      // the map's column of the constant comes first
      let sum = coefficients[i * (d + 1) * o + output];
      for (let k = 0; k < d; k++) sum += coefficients[(i * (d + 1) + 1 + k) * o + output] * features[k][n];
      return sum / scale;
    });
    return [...solveLeastSquares(affine, wanted, count, d + 1, 1).coefficients];
  });
  return { signs, incoming: Float64Array.from(incoming) };
}

function largest(values: readonly number[]): number {
  return values.reduce((best, value, k) => (Math.abs(value) > Math.abs(values[best]) ? k : best), 0);
}
