import type { Kernels, Samples } from '../kernels/kernels.js';
import { extraColumns, joinParameters, type ShallowShape, shallowFeatures } from '../network/shallow.js';
import { solveLeastSquares } from '../numeric/least-squares.js';

/** `shallowFeatures` with the neurons' outputs from the kernels, which are 20 times as fast for some activations. */
export function featuresByKernels(
  kernels: Kernels,
  shape: ShallowShape,
  incoming: Float64Array,
  inputs: Float64Array,
  count: number,
): Float64Array {
  const { hidden: m, inputs: d, skip } = shape;
  const width = m + extraColumns(shape);
  const outputs = kernels.neuronOutputs(shape, incoming, inputs, count);
  const features = new Float64Array(count * width);
  for (let n = 0; n < count; n++) {
    const row = n * width;
    for (let j = 0; j < m; j++) features[row + j] = outputs[n * m + j];
    if (skip) for (let k = 0; k < d; k++) features[row + m + k] = inputs[n * d + k];
    features[row + width - 1] = 1;
  }
  return features;
}

/**
 * The parameters with W (m × (d+1)) as given and the output weights that fit `samples` best. The neurons are
 * evaluated by `kernels` where they are given.
 */
export function withOutputWeights(
  shape: ShallowShape,
  incoming: Float64Array,
  samples: Samples,
  kernels?: Kernels,
): Float64Array {
  const columns = shape.hidden + extraColumns(shape);
  const { inputs, count } = samples;
  const features =
    kernels === undefined
      ? shallowFeatures(shape, incoming, inputs, count)
      : featuresByKernels(kernels, shape, incoming, inputs, count);
  const fit = solveLeastSquares(features, samples.outputs, samples.count, columns, shape.outputs, 1e-12);
  const outgoing = new Float64Array(shape.outputs * columns);
  for (let k = 0; k < shape.outputs; k++) {
    for (let j = 0; j < columns; j++) outgoing[k * columns + j] = fit.coefficients[j * shape.outputs + k];
  }
  return joinParameters(incoming, outgoing);
}
