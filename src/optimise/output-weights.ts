import type { Samples } from '../kernels/kernels.js';
import { extraColumns, joinParameters, type ShallowShape, shallowFeatures } from '../network/shallow.js';
import { solveLeastSquares } from '../numeric/least-squares.js';

/** The parameters with W (m × (d+1)) as given and the output weights that fit `samples` best. */
export function withOutputWeights(
  shape: ShallowShape,
  incoming: Float64Array,
  samples: Samples,
): Float64Array {
  const columns = shape.hidden + extraColumns(shape);
  const features = shallowFeatures(shape, incoming, samples.inputs, samples.count);
  const fit = solveLeastSquares(features, samples.outputs, samples.count, columns, shape.outputs, 1e-12);
  const outgoing = new Float64Array(shape.outputs * columns);
  for (let k = 0; k < shape.outputs; k++) {
    for (let j = 0; j < columns; j++) outgoing[k * columns + j] = fit.coefficients[j * shape.outputs + k];
  }
  return joinParameters(incoming, outgoing);
}
